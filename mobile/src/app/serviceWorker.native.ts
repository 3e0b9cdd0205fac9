/** A phone's app is installed whole. */
export function registerServiceWorker(): void {}

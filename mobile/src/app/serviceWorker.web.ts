/** Keeps the shell for times without a network; `scripts/service-worker.js` says how. */
export function registerServiceWorker(base = process.env.EXPO_BASE_URL ?? ''): void {
  // A page over plain HTTP has none, and a development server's files change.
  if (process.env.NODE_ENV !== 'production' || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register(`${base}/sw.js`, { scope: `${base}/` }).catch(() => undefined);
}

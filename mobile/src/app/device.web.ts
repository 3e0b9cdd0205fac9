interface Connection extends EventTarget {
  readonly type?: string;
}

const connection = (navigator as Navigator & { readonly connection?: Connection }).connection;

/** What the platform offers. */
export const device = {
  fetch: window.fetch.bind(window),
  /** Only Chromium on Android and ChromeOS tells kinds of networks. */
  tellsNetworks: connection?.type !== undefined,
};

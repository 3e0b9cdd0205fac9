import type { NetworkMonitor } from './ports';
import type { Network } from './types';

interface Connection extends EventTarget {
  readonly type?: string;
}

const connectionOf = (browser: Navigator): Connection | undefined =>
  (browser as Navigator & { readonly connection?: Connection }).connection;

/** Only Chromium on Android and ChromeOS tells kinds of networks. */
export const tellsNetworks = (browser: Navigator): boolean => connectionOf(browser)?.type !== undefined;

export function createNetworkMonitor(browser: Navigator, page: EventTarget): NetworkMonitor {
  const connection = connectionOf(browser);
  return {
    current(): Network {
      if (!browser.onLine) return 'offline';
      return connection?.type === 'cellular' ? 'metered' : 'unmetered';
    },
    subscribe(changed) {
      const sources: [EventTarget | undefined, string][] = [
        [page, 'online'],
        [page, 'offline'],
        [connection, 'change'],
      ];
      for (const [source, event] of sources) source?.addEventListener(event, changed);
      return () => {
        for (const [source, event] of sources) source?.removeEventListener(event, changed);
      };
    },
  };
}

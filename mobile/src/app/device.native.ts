import { fetch as streamingFetch } from 'expo/fetch';

/** What the platform offers. React Native's own `fetch` cannot read a body as a stream; Expo's can. */
export const device = {
  fetch: streamingFetch as unknown as typeof fetch,
  tellsNetworks: false,
};

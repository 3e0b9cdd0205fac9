import { fetch as streamingFetch } from 'expo/fetch';
import { Linking } from 'react-native';

/** What differs between platforms without being kept on the device. */
export const platform = {
  // React Native's own `fetch` cannot read a body as a stream; Expo's can.
  fetch: streamingFetch as unknown as typeof fetch,
  choosesServer: true,
  setLanguage: (_: string): void => undefined,
  download: (address: string): void => void Linking.openURL(address),
  restart: (): void => undefined,
};

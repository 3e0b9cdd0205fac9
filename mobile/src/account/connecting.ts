import AsyncStorage from '@react-native-async-storage/async-storage';

import { createApi, dataOf } from '../api/client';
import type { Ports } from './account';
import type { SignIn } from './types';

const SIGN_IN = 'pegasus.signIn';
const USER = 'pegasus.user';

/** An account's ports for the server at an address. */
export function portsOf(address: string, fetcher: typeof fetch): Ports {
  const key = `${SIGN_IN}:${address}`;
  return {
    async read() {
      const api = createApi({ baseUrl: address, fetch: fetcher });
      return (await dataOf(api.client.GET('/config'), api.clock.now())).signIn;
    },
    async remembered() {
      const text = await AsyncStorage.getItem(key);
      if (text === null) return undefined;
      try {
        return JSON.parse(text) as SignIn | null;
      } catch {
        return undefined; // Damaged: the server is asked.
      }
    },
    remember: (signIn) => AsyncStorage.setItem(key, JSON.stringify(signIn)),
    // Most of the code for signing in is of Firebase's client: it is loaded where users sign in.
    open: async (signIn) => (await import('./firebase')).openSession(signIn),
  };
}

/** Whose recordings are on this device: the id of the user who signed in last and did not sign out. */
export const holder = {
  get: () => AsyncStorage.getItem(USER),
  set: (id: string) => AsyncStorage.setItem(USER, id),
  forget: () => AsyncStorage.removeItem(USER),
};

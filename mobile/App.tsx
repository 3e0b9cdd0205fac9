import Constants from 'expo-constants';
import { useEffect, useState } from 'react';
import { SafeAreaProvider } from 'react-native-safe-area-context';

import { Account } from './src/account/account';
import { Root } from './src/app/Root';
import { registerServiceWorker } from './src/app/serviceWorker';
import { builtInAddress } from './src/app/builtInAddress';
import { createDevice } from './src/device/createDevice';
import type { Device } from './src/device/types';
import { createHistory } from './src/navigation/createHistory';
import { type Settings, loadSettings } from './src/settings/store';

/** `API_BASE_URL` of the build, by `app.config.ts`. */
const API_BASE_URL: unknown = Constants.expoConfig?.extra?.['apiBaseUrl'];

const history = createHistory();

interface Opened {
  readonly settings: Settings;
  readonly device: Device | null;
  readonly account: Account;
}

async function open(): Promise<Opened> {
  const account = new Account();
  // Where the browser stores nothing, lectures can still be read and followed.
  const [settings, device] = await Promise.all([loadSettings(), createDevice(account.token).catch(() => null)]);
  return { settings, device, account };
}

export default function App() {
  const [opened, setOpened] = useState<Opened | null>(null);

  useEffect(() => {
    void open().then(setOpened);
    registerServiceWorker();
  }, []);

  // It takes some milliseconds: a sentence would only flash.
  if (opened === null) return null;
  return (
    <SafeAreaProvider>
      <Root
        settings={opened.settings}
        onSettings={(settings) => setOpened({ ...opened, settings })}
        device={opened.device}
        account={opened.account}
        history={history}
        builtInAddress={builtInAddress(typeof API_BASE_URL === 'string' ? API_BASE_URL : '')}
      />
    </SafeAreaProvider>
  );
}

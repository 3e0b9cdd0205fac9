import Constants from 'expo-constants';
import type { i18n } from 'i18next';
import { useEffect, useState } from 'react';
import { SafeAreaProvider } from 'react-native-safe-area-context';

import { Account } from './src/account/account';
import { Root } from './src/app/Root';
import { registerServiceWorker } from './src/app/serviceWorker';
import { builtInAddress } from './src/app/builtInAddress';
import { createDevice } from './src/device/createDevice';
import type { Device } from './src/device/types';
import { deviceLanguage, loadI18n } from './src/i18n';
import { createHistory } from './src/navigation/createHistory';
import { type Settings, loadSettings } from './src/settings/store';

/** `API_BASE_URL` of the build, by `app.config.ts`. */
const API_BASE_URL: unknown = Constants.expoConfig?.extra?.['apiBaseUrl'];

const history = createHistory();

interface Opened {
  readonly settings: Settings;
  readonly device: Device | null;
  readonly account: Account;
  readonly i18n: i18n;
}

const translatorFor = (settings: Settings) => loadI18n(settings.language ?? deviceLanguage());

async function open(): Promise<Opened> {
  const account = new Account();
  // Where the browser stores nothing, lectures can still be read and followed.
  const settings = loadSettings();
  const [device, i18n] = await Promise.all([createDevice(account.token).catch(() => null), settings.then(translatorFor)]);
  return { settings: await settings, device, account, i18n };
}

export default function App() {
  const [opened, setOpened] = useState<Opened | null>(null);

  useEffect(() => {
    void open().then(setOpened);
    registerServiceWorker();
  }, []);

  const changeSettings = async (settings: Settings) => {
    const i18n = settings.language === opened?.settings.language ? opened.i18n : await translatorFor(settings);
    setOpened((now) => (now === null ? null : { ...now, settings, i18n }));
  };

  // It takes some milliseconds: a sentence would only flash.
  if (opened === null) return null;
  return (
    <SafeAreaProvider>
      <Root
        settings={opened.settings}
        onSettings={(settings) => void changeSettings(settings)}
        i18n={opened.i18n}
        device={opened.device}
        account={opened.account}
        history={history}
        builtInAddress={builtInAddress(typeof API_BASE_URL === 'string' ? API_BASE_URL : '')}
      />
    </SafeAreaProvider>
  );
}

import Constants from 'expo-constants';
import { useEffect, useState } from 'react';
import { SafeAreaProvider } from 'react-native-safe-area-context';

import { Root } from './src/app/Root';
import { builtInAddress } from './src/app/builtInAddress';
import { createHistory } from './src/navigation/createHistory';
import { type Settings, loadSettings } from './src/settings/store';

/** `API_BASE_URL` of the build, by `app.config.ts`. */
const API_BASE_URL: unknown = Constants.expoConfig?.extra?.['apiBaseUrl'];

const history = createHistory();

export default function App() {
  const [settings, setSettings] = useState<Settings | null>(null);

  useEffect(() => {
    void loadSettings().then(setSettings);
  }, []);

  // Reading the settings takes some milliseconds: a sentence would only flash.
  if (settings === null) return null;
  return (
    <SafeAreaProvider>
      <Root
        settings={settings}
        onSettings={setSettings}
        history={history}
        builtInAddress={builtInAddress(typeof API_BASE_URL === 'string' ? API_BASE_URL : '')}
      />
    </SafeAreaProvider>
  );
}

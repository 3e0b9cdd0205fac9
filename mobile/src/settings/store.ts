import AsyncStorage from '@react-native-async-storage/async-storage';

import { type Language, isLanguage } from '../i18n';
import { parseAddress } from './address';

/** What the user has chosen. Null: as the build or the device says. */
export interface Settings {
  readonly apiBaseUrl: string | null;
  readonly language: Language | null;
  readonly wifiOnly: boolean;
}

export const defaults: Settings = { apiBaseUrl: null, language: null, wifiOnly: false };

const KEY = 'pegasus.settings';

export async function loadSettings(): Promise<Settings> {
  const text = await AsyncStorage.getItem(KEY);
  return text === null ? defaults : parseSettings(text);
}

export async function saveSettings(settings: Settings): Promise<void> {
  await AsyncStorage.setItem(KEY, JSON.stringify(settings));
}

/** Settings of an earlier version, or damaged ones: what is not understood is as in the defaults. */
export function parseSettings(text: string): Settings {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return defaults;
  }
  if (typeof found !== 'object' || found === null) return defaults;
  const { apiBaseUrl, language, wifiOnly } = found as Record<string, unknown>;
  return {
    apiBaseUrl: typeof apiBaseUrl === 'string' ? parseAddress(apiBaseUrl) : defaults.apiBaseUrl,
    language: typeof language === 'string' && isLanguage(language) ? language : defaults.language,
    wifiOnly: typeof wifiOnly === 'boolean' ? wifiOnly : defaults.wifiOnly,
  };
}

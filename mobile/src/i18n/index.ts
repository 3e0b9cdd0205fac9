import { getLocales } from 'expo-localization';
import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';

import { de } from './de';
import { en } from './en';
import { es } from './es';

export const resources = { en, de, es } as const;

export type Language = keyof typeof resources;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

export const languages = Object.keys(resources) as Language[];

export const isLanguage = (code: string | null | undefined): code is Language =>
  languages.some((language) => language === code);

/** The first of the device's languages that the app has; English if it has none of them. */
export function preferredLanguage(codes: readonly (string | null)[]): Language {
  return codes.find(isLanguage) ?? 'en';
}

export const deviceLanguage = (): Language => preferredLanguage(getLocales().map((locale) => locale.languageCode));

/** A translator of its own, so that tests and views do not share one. */
export function createI18n(language: Language): i18n {
  const instance = i18next.createInstance();
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    initAsync: false,
    resources: Object.fromEntries(languages.map((code) => [code, { translation: resources[code] }])),
    // React escapes what it shows.
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  });
  return instance;
}

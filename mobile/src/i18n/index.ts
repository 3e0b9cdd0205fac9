import { getLocales } from 'expo-localization';
import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';

import type { cutting } from './cutting.en';
import { en } from './en';

/** Strings by key; other languages have other plural categories than English. */
export interface Strings {
  readonly [key: string]: string | Strings;
}

/** English is there from the start, as what other languages fall back to; those are loaded when they are used. */
const translations = {
  en: async (): Promise<Strings> => en,
  de: async (): Promise<Strings> => (await import('./de')).de,
  es: async (): Promise<Strings> => (await import('./es')).es,
} as const;

export type Language = keyof typeof translations;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    /** What is loaded later has its strings added then (`later.ts`). */
    resources: { translation: typeof en & { cutting: typeof cutting } };
  }
}

export const languages = Object.keys(translations) as Language[];

export const isLanguage = (code: string | null | undefined): code is Language =>
  languages.some((language) => language === code);

/** The first of the device's languages that the app has; English if it has none of them. */
export function preferredLanguage(codes: readonly (string | null)[]): Language {
  return codes.find(isLanguage) ?? 'en';
}

export const deviceLanguage = (): Language => preferredLanguage(getLocales().map((locale) => locale.languageCode));

/** A translator of its own, so that tests and views do not share one. */
export function createI18n(language: Language, strings: Strings): i18n {
  const instance = i18next.createInstance();
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    initAsync: false,
    resources: { en: { translation: en }, [language]: { translation: strings } },
    // React escapes what it shows.
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  });
  return instance;
}

/** A translator to the language, or to English if its strings cannot be loaded. */
export async function loadI18n(language: Language): Promise<i18n> {
  try {
    return createI18n(language, await translations[language]());
  } catch {
    return createI18n('en', en);
  }
}

import type { i18n } from 'i18next';

import { type Language, createI18n } from '../i18n';
import { cutting as cuttingDe } from '../i18n/cutting.de';
import { cutting as cuttingEn } from '../i18n/cutting.en';
import { cutting as cuttingEs } from '../i18n/cutting.es';
import { de } from '../i18n/de';
import { en } from '../i18n/en';
import { es } from '../i18n/es';

/** All strings, those that come with a view too, as no test waits for them. */
export const translations = {
  en: { ...en, cutting: cuttingEn },
  de: { ...de, cutting: cuttingDe },
  es: { ...es, cutting: cuttingEs },
} as const satisfies Record<Language, object>;

export const translator = (language: Language): i18n => createI18n(language, translations[language]);

import type { i18n } from 'i18next';

import { type Language, createI18n } from '../i18n';
import { de } from '../i18n/de';
import { en } from '../i18n/en';
import { es } from '../i18n/es';

/** All strings, as no test waits for them. */
export const translations = { en, de, es } as const satisfies Record<Language, object>;

export const translator = (language: Language): i18n => createI18n(language, translations[language]);

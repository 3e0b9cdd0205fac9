import type { i18n } from 'i18next';

import { type Language, type Strings, languages } from './index';

/** Adds the strings of a view that is loaded when it is opened: they come with it, and are no part of the first load. */
export function addStrings(translator: i18n, name: string, strings: Readonly<Record<Language, Strings>>): void {
  for (const language of languages) {
    if (translator.getResource(language, 'translation', name) !== undefined) continue;
    translator.addResourceBundle(language, 'translation', strings[language], true);
  }
}

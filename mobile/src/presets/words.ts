import type { TFunction } from 'i18next';

import type { en } from '../i18n/en';

type Known = keyof typeof en.preset.names;

const KNOWN = ['exam', 'beginner', 'seminar', 'research', 'concept-map', 'neurodivergent-friendly'] as const satisfies readonly Known[];

/** As the server has it where nothing is chosen. */
export const DEFAULT_PRESET = 'exam';

const known = (presetId: string): Known | undefined => KNOWN.find((id) => id === presetId);

/** Those that have words here come first, in the order in which they are offered. */
export const rankOf = (presetId: string): number => {
  const index = KNOWN.findIndex((id) => id === presetId);
  return index < 0 ? KNOWN.length : index;
};

/** In the app's language; by the server's words, or its id, if the app does not know it. */
export function presetTitle(t: TFunction, presetId: string, title = presetId): string {
  const id = known(presetId);
  return id === undefined ? title : t(`preset.names.${id}.title`);
}

export function presetDetail(t: TFunction, presetId: string, detail: string): string {
  const id = known(presetId);
  return id === undefined ? detail : t(`preset.names.${id}.detail`);
}

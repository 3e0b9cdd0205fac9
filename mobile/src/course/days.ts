import type { TFunction } from 'i18next';

import type { Days } from './queries';

const LONGEST = 3650;

/** What was typed as a number of days: null if it is empty, undefined if it is none. */
export function daysOf(text: string): number | null | undefined {
  const typed = text.trim();
  if (typed === '') return null;
  const days = /^\d+$/.test(typed) ? Number(typed) : 0;
  return days >= 1 && days <= LONGEST ? days : undefined;
}

/** What is kept until when, in sentences. */
export function sentencesOf(t: TFunction, { rawAudioDays, transcriptDays, materialDays }: Days): readonly string[] {
  return [
    t('retention.recording', { count: rawAudioDays }),
    t('retention.transcript', { count: transcriptDays }),
    materialDays === null ? t('retention.materialKept') : t('retention.material', { count: materialDays }),
  ];
}

import type { TFunction } from 'i18next';

import { clock, day, fileSize } from '../i18n/format';
import type { Recording } from './types';

/** Day, length and size, of which a chosen file has no length yet. */
export function factsOf(t: TFunction, recording: Recording, language: string): string {
  return [
    day(recording.startedAt, language),
    ...(recording.seconds > 0 ? [clock(recording.seconds)] : []),
    fileSize(recording.bytes, language),
    ...(recording.marks.length > 0 ? [t('record.marks', { count: recording.marks.length })] : []),
  ].join(' · ');
}

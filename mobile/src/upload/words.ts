import type { TFunction } from 'i18next';

import { messageOfCode } from '../app/messages';
import { timeLeft } from '../i18n/format';
import type { QueuedUpload } from './queue';

export interface UploadWords {
  readonly text: string;
  readonly tone: 'soft' | 'record' | 'ok';
  /** Null where no percent is true. */
  readonly percent: number | null;
  readonly action: 'pause' | 'resume' | 'retry' | null;
}

/** An upload in words: where the recording is safe, and what it waits for. */
export function uploadWords(t: TFunction, { upload, blocked, secondsLeft }: QueuedUpload): UploadWords {
  const { phase, offset, file, failures } = upload;
  const percent = Math.floor((100 * offset) / file.size);
  if (phase === 'confirmed') return { text: t('upload.safe'), tone: 'ok', percent: 100, action: null };
  if (phase === 'failed') {
    const reason = messageOfCode(t, upload.failure?.code ?? 'internal');
    return { text: `${t('upload.failed')}. ${reason}`, tone: 'record', percent: null, action: 'retry' };
  }
  if (blocked === 'paused') return { text: t('upload.paused'), tone: 'soft', percent, action: 'resume' };
  if (blocked === 'offline' || blocked === 'waiting_for_wifi') {
    return { text: t(`upload.${blocked}`), tone: 'soft', percent, action: null };
  }
  if (phase === 'verify') return { text: t('upload.verifying'), tone: 'soft', percent: 100, action: null };
  if (phase === 'checksum') return { text: t('upload.preparing'), tone: 'soft', percent: null, action: 'pause' };
  if (failures > 0) return { text: t('upload.retrying'), tone: 'soft', percent, action: 'pause' };
  const text =
    secondsLeft === null ? t('upload.uploading') : t('upload.uploadingLeft', { remaining: timeLeft(t, secondsLeft) });
  return { text, tone: 'soft', percent, action: 'pause' };
}

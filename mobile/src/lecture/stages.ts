import type { TFunction } from 'i18next';

import type { Progress, Segment, Stage } from '../api/client';
import { messageOfCode } from '../app/messages';
import { timeLeft } from '../i18n/format';

export interface StageView {
  readonly key: Stage['stage'];
  readonly title: string;
  readonly detail: string;
  readonly status: 'done' | 'running' | 'waiting' | 'failed';
  readonly percent: number;
  readonly parts: readonly { readonly status: 'done' | 'running' | 'waiting' | 'failed' }[];
}

/** The stages in words. The time left is that of all the work, so it stands with the stage under way. */
export function stageViews(t: TFunction, progress: Progress): StageView[] {
  return progress.stages.map((stage) => ({
    key: stage.stage,
    title: t(`lecture.${stage.stage}`),
    detail: detail(t, stage, progress.estimatedSecondsLeft),
    status: STATUS[stage.status],
    percent: stage.percent,
    parts: (stage.segments ?? []).map((segment) => ({ status: SEGMENT[segment.status] })),
  }));
}

const STATUS = { not_started: 'waiting', queued: 'waiting', running: 'running', succeeded: 'done', failed: 'failed' } as const;
const SEGMENT = { queued: 'waiting', running: 'running', succeeded: 'done', failed: 'failed' } as const;

function detail(t: TFunction, stage: Stage, secondsLeft: number | null): string {
  switch (stage.status) {
    case 'not_started':
      return t('lecture.notStarted');
    case 'queued':
      return queued(t, stage);
    case 'running':
      return [running(t, stage), ...(secondsLeft === null ? [] : [timeLeft(t, secondsLeft)])].join(' · ');
    case 'succeeded':
      return stage.stage === 'upload' ? t('lecture.uploaded') : t('lecture.succeeded');
    case 'failed':
      return stage.error ? messageOfCode(t, stage.error.code) : t('lecture.failed');
  }
}

function queued(t: TFunction, stage: Stage): string {
  if ((stage.attempt ?? 0) > 0) return t('lecture.again');
  return stage.jobsAhead ? t('lecture.queuedBehind', { count: stage.jobsAhead }) : t('lecture.queued');
}

function running(t: TFunction, stage: Stage): string {
  const segments = stage.segments ?? [];
  if (segments.length === 0) return t('lecture.running');
  return t('lecture.parts', { done: finished(segments), count: segments.length });
}

export const finished = (segments: readonly Segment[]): number =>
  segments.filter((segment) => segment.status === 'succeeded').length;

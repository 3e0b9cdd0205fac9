import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Api, type Lecture, type Progress, type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { messageOfCode } from '../app/messages';

/** How far the work on a lecture was at a moment. */
export interface Reached {
  readonly percent: number;
  readonly stage: Progress['stages'][number]['stage'] | null;
  readonly secondsLeft: number | null;
  /** When it was so: the time left has grown shorter since. */
  readonly at: number;
}

/** By the lectures' keys. */
export type ByKey = Readonly<Record<string, Reached>>;

const REACHED = ['library reached'] as const;
const POLLED = ['library polled'] as const;
/** Whether the server's events keep the list up to date. */
export const LIVE = ['library live'] as const;
/** While the server sends no events, this often. */
export const REFRESH_MS = 5_000;
/** So many lectures are asked about one by one: the newest, which are those that a user waits for. */
const MOST_POLLED = 5;
const TICK_MS = 5_000;

export const moves = (lecture: Lecture) => lecture.status === 'uploaded' || lecture.status === 'processing';

/** What an event of the stream says, which may come from a server that says less. */
export function reachedOf(event: Partial<Schema<'LectureEvent'>>, at: number): Reached | null {
  const { percent, stage = null, estimatedSecondsLeft = null } = event;
  return typeof percent === 'number' ? { percent, stage, secondsLeft: estimatedSecondsLeft, at } : null;
}

/** What `/progress` says, as an event would. */
export function reachedBy({ percent, stages, estimatedSecondsLeft }: Progress, at: number): Reached {
  const current = stages.find(({ status }) => status === 'queued' || status === 'running' || status === 'failed');
  return { percent, stage: current?.stage ?? null, secondsLeft: estimatedSecondsLeft, at };
}

export const reachedKey = (api: Api) => [api.baseUrl, ...REACHED];

/** How far the lectures that are under way are, by their keys: from events, or asked for while there are none. */
export function useReached(lectures: readonly Lecture[]): ByKey {
  const { api } = useServices();
  const queries = useQueryClient();
  const live = useQuery<boolean>({ queryKey: [api.baseUrl, ...LIVE], queryFn: skipToken }).data === true;
  const told = useQuery<ByKey>({ queryKey: reachedKey(api), queryFn: skipToken }).data ?? {};
  const asked = lectures.filter(moves).slice(0, MOST_POLLED);
  const polled = useQuery({
    queryKey: [api.baseUrl, ...POLLED],
    enabled: !live && asked.length > 0,
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }): Promise<ByKey> => {
      const answers = await Promise.allSettled(
        asked.map(async ({ lectureId, lectureKey }) => {
          const answer = api.client.GET('/lectures/{lectureId}/progress', { params: { path: { lectureId } }, signal });
          return [lectureKey, reachedBy(await dataOf(answer, api.clock.now()), api.clock.now())] as const;
        }),
      );
      const known = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      return { ...queries.getQueryData<ByKey>([api.baseUrl, ...POLLED]), ...Object.fromEntries(known) };
    },
  }).data;
  return newest(told, polled ?? {});
}

/** Of what is known of each in two ways: an event of before the stream broke off is older than an answer, and so on. */
function newest(one: ByKey, other: ByKey): ByKey {
  const newer = Object.entries(other).filter(([key, { at }]) => at > (one[key]?.at ?? -Infinity));
  return { ...one, ...Object.fromEntries(newer) };
}

/** Seconds that are left by now; null where they are not known, or are over and the work is not. */
export function useSecondsLeft(reached: Reached | undefined): number | null {
  const { api } = useServices();
  const [now, setNow] = useState(() => api.clock.now());
  const isKnown = reached?.secondsLeft != null;
  useEffect(() => {
    if (!isKnown) return undefined;
    const timer = setInterval(() => setNow(api.clock.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [api, isKnown]);
  if (reached === undefined || reached.secondsLeft === null) return null;
  const left = reached.secondsLeft - Math.max(0, now - reached.at) / 1000;
  return left > 0 ? left : null;
}

/** The lecture's state in words; the percentage and the time left stand beside it. */
export function stateOf(t: TFunction, lecture: Lecture, reached: Reached | undefined): string {
  if (lecture.status === 'failed' && lecture.error) return messageOfCode(t, lecture.error.code);
  if (lecture.status === 'processing' && reached?.stage) return t(`library.stage.${reached.stage}`);
  return t(`library.status.${lecture.status}`);
}

/** What has happened to a lecture under way since the list was shown: its next stage, or its end. Not each percent. */
export function useNews(lectures: readonly Lecture[], reached: ByKey): string {
  const { t } = useTranslation();
  const before = useRef<ReadonlyMap<string, string>>(new Map());
  const [news, setNews] = useState('');
  useEffect(() => {
    const states = new Map(lectures.map((each) => [each.lectureKey, stateOf(t, each, reached[each.lectureKey])]));
    for (const lecture of lectures) {
      const { lectureKey, title } = lecture;
      const was = before.current.get(lectureKey);
      const is = states.get(lectureKey) ?? '';
      // A state that is only now known in more detail is no news.
      const isMore = was === t('library.status.processing') && moves(lecture);
      if (was !== undefined && was !== is && !isMore) {
        setNews(`${title ?? t('common.untitled')}: ${is}`);
      }
    }
    before.current = states;
  }, [t, lectures, reached]);
  return news;
}

import { type Query, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { type Api, type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { LECTURES } from '../library/queries';
import type { Span } from './span';

export type CutRecord = Schema<'CutRecord'>;

const WATCH_MS = 2_000;

const cutsKey = (api: Api, lectureId: string) => [api.baseUrl, 'cuts', lectureId];

/** What the recording is, as all cuts of a lecture say. */
export type Silence = 'none' | CutRecord['state'];

export function silenceOf(cuts: readonly CutRecord[]): Silence {
  const states = new Set(cuts.map(({ state }) => state));
  for (const state of ['failed', 'silencing', 'silenced'] as const) if (states.has(state)) return state;
  return 'none';
}

/** The cuts of a lecture; asked again while the recording is being made silent, and the lecture once it is. */
export function useCuts(lectureId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: cutsKey(api, lectureId),
    queryFn: async ({ signal }) => {
      const params = { path: { lectureId } };
      return (await dataOf(api.client.GET('/lectures/{lectureId}/cuts', { params, signal }), api.clock.now())).cuts;
    },
    refetchInterval: ({ state }) => (state.data !== undefined && silenceOf(state.data) === 'silencing' ? WATCH_MS : false),
  });
  const silence = query.data === undefined ? undefined : silenceOf(query.data);
  useEffect(() => {
    if (silence === 'silenced') void queries.invalidateQueries({ queryKey: [api.baseUrl, 'lecture', lectureId] });
  }, [api, queries, lectureId, silence]);
  return query;
}

/** Parts of keys under which words of lectures are kept. */
const WORDS = new Set<unknown>(['transcript', 'partial', 'revisions', 'revision', 'artifacts', 'artifact', 'exports', 'threads', 'search']);

const hasWords = ({ queryKey }: Query) => WORDS.has(queryKey[1]);

/** Cuts spans out. What was read of lectures is dropped: it may have the words, files and threads of other lectures too. */
export function useCut(lectureId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (spans: readonly Span[]) =>
      dataOf(
        api.client.POST('/lectures/{lectureId}/cuts', {
          params: { path: { lectureId } },
          body: { cuts: spans.map(({ startSec, endSec }) => ({ startSec, endSec })) },
        }),
        api.clock.now(),
      ),
    onSuccess: ({ cuts }) => {
      queries.setQueryData(cutsKey(api, lectureId), cuts);
      void queries.resetQueries({ predicate: hasWords });
      for (const key of [LECTURES, ['lecture', lectureId]]) {
        void queries.invalidateQueries({ queryKey: [api.baseUrl, ...key] });
      }
    },
  });
}

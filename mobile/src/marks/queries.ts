import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { type Api, type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';

export type Mark = Schema<'MarkRecord'>;

const marksKey = (api: Api, lectureId: string) => [api.baseUrl, 'marks', lectureId];

/** The moments of a lecture that the student marked, in the order of their times. */
export function useMarks(lectureId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: marksKey(api, lectureId),
    queryFn: async ({ signal }) => {
      const params = { path: { lectureId } };
      const answer = api.client.GET('/lectures/{lectureId}/marks', { params, signal });
      return (await dataOf(answer, api.clock.now())).marks;
    },
  });
}

export type MarkWrite =
  | { readonly kind: 'add'; readonly atSec: number }
  | { readonly kind: 'name'; readonly mark: Mark; readonly label: string | null }
  | { readonly kind: 'remove'; readonly mark: Mark };

/** Adds, names and removes marks. Each answer has all marks of the lecture. */
export function useMarkWrites(lectureId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  const queryKey = marksKey(api, lectureId);
  const send = (write: MarkWrite) => {
    const path = { lectureId };
    if (write.kind === 'add') {
      const body = { marks: [{ atSec: write.atSec, label: null }] };
      return api.client.POST('/lectures/{lectureId}/marks', { params: { path }, body });
    }
    const { markId, etag } = write.mark;
    const params = { path: { ...path, markId }, header: { 'If-Match': etag } };
    return write.kind === 'remove'
      ? api.client.DELETE('/lectures/{lectureId}/marks/{markId}', { params })
      : api.client.PATCH('/lectures/{lectureId}/marks/{markId}', { params, body: { label: write.label } });
  };
  const mutation = useMutation({
    mutationFn: (write: MarkWrite) => dataOf(send(write), api.clock.now()),
    onSuccess: ({ marks }) => {
      queries.setQueryData(queryKey, marks);
      void queries.invalidateQueries({ queryKey: [api.baseUrl, 'exports', lectureId] });
    },
    // It may have been changed elsewhere.
    onError: () => queries.invalidateQueries({ queryKey }),
  });
  return mutation;
}

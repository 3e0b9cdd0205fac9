import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { type Api, type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { transcriptKey } from './queries';

export type Changed = Schema<'CorrectionResponse'>;

/** What depends on the transcript, after it has changed: it is read again. */
export function useReadAgain(lectureId: string): () => Promise<unknown> {
  const { api } = useServices();
  const queries = useQueryClient();
  const keys = [transcriptKey(api, lectureId), [api.baseUrl, 'artifacts', lectureId], revisionsKey(api, lectureId)];
  return () => Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
}

const revisionsKey = (api: Api, lectureId: string) => [api.baseUrl, 'revisions', lectureId];

export function useRevisions(lectureId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: revisionsKey(api, lectureId),
    queryFn: async ({ signal }) => {
      const params = { path: { lectureId } };
      const answer = api.client.GET('/lectures/{lectureId}/transcript/revisions', { params, signal });
      return (await dataOf(answer, api.clock.now())).revisions;
    },
  });
}

/** An earlier transcript, without its words. */
export function useRevision(lectureId: string, revision: number) {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, 'revision', lectureId, revision],
    queryFn: ({ signal }) => {
      const params = { path: { lectureId }, query: { words: false, revision } };
      return dataOf(api.client.GET('/lectures/{lectureId}/transcript', { params, signal }), api.clock.now());
    },
  });
}

/** Makes an earlier transcript the current one again, if that is still the one that `etag` names. */
export function useRestore(lectureId: string) {
  const { api } = useServices();
  const readAgain = useReadAgain(lectureId);
  return useMutation({
    mutationFn: ({ revision, etag }: { revision: number; etag: string }) =>
      dataOf(
        api.client.POST('/lectures/{lectureId}/transcript/restore', {
          params: { path: { lectureId }, header: { 'If-Match': etag } },
          body: { revision, regenerate: false },
        }),
        api.clock.now(),
      ),
    onSuccess: readAgain,
  });
}

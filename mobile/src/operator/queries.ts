import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { dataOf } from '../api/client';
import { useServices } from '../app/Services';

const JOBS = 'failed jobs';
const MESSAGES = 'undelivered messages';
/** The largest page that the API returns, and the largest batch that it accepts. */
export const PAGE = 200;

/** Jobs of all owners that failed and that no later job has taken up. */
export function useFailedJobs() {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, JOBS],
    queryFn: ({ signal }) =>
      dataOf(api.client.GET('/jobs/dead-letter', { params: { query: { limit: PAGE } }, signal }), api.clock.now()),
  });
}

export function useReplayJobs() {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (jobIds: string[]) => dataOf(api.client.POST('/jobs/dead-letter/replay', { body: { jobIds, limit: PAGE } }), api.clock.now()),
    onSettled: () => queries.invalidateQueries({ queryKey: [api.baseUrl, JOBS] }),
  });
}

/** Messages that no function could handle and that were not sent again. */
export function useUndelivered() {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, MESSAGES],
    queryFn: ({ signal }) =>
      dataOf(
        api.client.GET('/messages/dead-letter', { params: { query: { limit: PAGE, pending: true } }, signal }),
        api.clock.now(),
      ),
  });
}

export function useResend() {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (messageId: string) =>
      dataOf(api.client.POST('/messages/dead-letter/{messageId}/replay', { params: { path: { messageId } } }), api.clock.now()),
    onSettled: () =>
      Promise.all([JOBS, MESSAGES].map((key) => queries.invalidateQueries({ queryKey: [api.baseUrl, key] }))),
  });
}

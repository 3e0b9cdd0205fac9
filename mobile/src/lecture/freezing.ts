import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { LECTURES } from '../library/queries';

const FROZEN = ['frozen'] as const;

/** Restricts the lecture, or lifts that; what is shown of it is read again. */
export function useFreezing(lectureId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (frozen: boolean) => {
      const params = { params: { path: { lectureId } } };
      const path = '/lectures/{lectureId}/restriction';
      return dataOf(frozen ? api.client.PUT(path, params) : api.client.DELETE(path, params), api.clock.now());
    },
    onSuccess: () =>
      Promise.all(
        [LECTURES, FROZEN, ['lecture', lectureId]].map((key) => queries.invalidateQueries({ queryKey: [api.baseUrl, ...key] })),
      ),
  });
}

/** The lists leave these out. */
export function useFrozenLectures() {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, ...FROZEN],
    queryFn: async ({ signal }) => {
      const params = { query: { restricted: true, limit: 200 } };
      return (await dataOf(api.client.GET('/lectures', { params, signal }), api.clock.now())).lectures;
    },
  });
}

import { useMutation, useQueryClient } from '@tanstack/react-query';

import { dataOf } from '../api/client';
import { ApiProblem } from '../api/problem';
import { useServices } from '../app/Services';
import type { ItemChanges, OwnItem } from './forms';
import { type ArtifactType, artifactKey, exportsKey } from './queries';

export type Write =
  | { readonly kind: 'change'; readonly itemId: string; readonly etag: string; readonly changes: ItemChanges }
  | { readonly kind: 'remove'; readonly itemId: string; readonly etag: string }
  | { readonly kind: 'add'; readonly item: OwnItem };

/** Another client, or a generation, has changed the artifact since it was read. */
export const isConflict = (error: unknown) => error instanceof ApiProblem && error.status === 412;

/** Changes, adds and removes items of one artifact, which is read again afterwards. */
export function useItemWrites(lectureId: string, artifactType: ArtifactType) {
  const { api } = useServices();
  const queries = useQueryClient();
  const readAgain = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: artifactKey(api, lectureId, artifactType) }),
      queries.invalidateQueries({ queryKey: exportsKey(api, lectureId) }),
    ]);
  const send = (write: Write) => {
    const { client } = api;
    if (write.kind === 'add') {
      const body = { item: write.item };
      return client.POST('/lectures/{lectureId}/items', { params: { path: { lectureId } }, body });
    }
    const params = { path: { lectureId, itemId: write.itemId }, header: { 'If-Match': write.etag } };
    return write.kind === 'remove'
      ? client.DELETE('/lectures/{lectureId}/items/{itemId}', { params })
      : client.PATCH('/lectures/{lectureId}/items/{itemId}', { params, body: write.changes });
  };
  const mutation = useMutation({
    mutationFn: (write: Write) => dataOf(send(write), api.clock.now()),
    onSuccess: readAgain,
  });
  return { ...mutation, readAgain };
}

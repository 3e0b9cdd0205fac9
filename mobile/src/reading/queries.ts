import { useQuery } from '@tanstack/react-query';

import { type Api, type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';

export type Transcript = Schema<'Transcript'>;
type AnyArtifact = Schema<'AnyArtifact'>;
export type ArtifactType = AnyArtifact['artifactType'];
export type Artifact<Type extends ArtifactType> = Extract<AnyArtifact, { artifactType: Type }>;

export interface ReadTranscript {
  readonly transcript: Transcript;
  /** What a correction of it has to name. */
  readonly etag: string;
}

export const transcriptKey = (api: Api, lectureId: string) => [api.baseUrl, 'transcript', lectureId];

/** Without the words, which are seven eighths of it. */
export function useTranscript(lectureId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: transcriptKey(api, lectureId),
    queryFn: async ({ signal }): Promise<ReadTranscript> => {
      const params = { path: { lectureId }, query: { words: false } };
      const answer = await api.client.GET('/lectures/{lectureId}/transcript', { params, signal });
      const transcript = await dataOf(Promise.resolve(answer), api.clock.now());
      return { transcript, etag: answer.response.headers.get('ETag') ?? '' };
    },
  });
}

/** Which study material there is, and whether it is of the transcript as it is now. */
export function useArtifacts(lectureId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, 'artifacts', lectureId],
    queryFn: ({ signal }) =>
      dataOf(
        api.client.GET('/lectures/{lectureId}/artifacts', { params: { path: { lectureId } }, signal }),
        api.clock.now(),
      ),
  });
}

export function useArtifact<Type extends ArtifactType>(lectureId: string, artifactType: Type) {
  const { api } = useServices();
  return useQuery({
    queryKey: artifactKey(api, lectureId, artifactType),
    queryFn: async ({ signal }) => {
      const params = { path: { lectureId, artifactType } };
      const answer = api.client.GET('/lectures/{lectureId}/artifacts/{artifactType}', { params, signal });
      return (await dataOf(answer, api.clock.now())) as Artifact<Type>;
    },
  });
}

export const artifactKey = (api: Api, lectureId: string, artifactType: ArtifactType) => [
  api.baseUrl,
  'artifact',
  lectureId,
  artifactType,
];

export interface ReadArtifact<Type extends ArtifactType> {
  readonly artifact: Artifact<Type>;
  /** What a change of one of its items has to name. */
  readonly etag: string;
}

/** With the items that are hidden, which can be shown again. */
export function useEditableArtifact<Type extends ArtifactType>(lectureId: string, artifactType: Type) {
  const { api } = useServices();
  return useQuery({
    queryKey: [...artifactKey(api, lectureId, artifactType), 'hidden'],
    queryFn: async ({ signal }): Promise<ReadArtifact<Type>> => {
      const params = { path: { lectureId, artifactType }, query: { hidden: true } };
      const answer = await api.client.GET('/lectures/{lectureId}/artifacts/{artifactType}', { params, signal });
      const artifact = (await dataOf(Promise.resolve(answer), api.clock.now())) as Artifact<Type>;
      return { artifact, etag: answer.response.headers.get('ETag') ?? '' };
    },
  });
}

export const exportsKey = (api: Api, lectureId: string) => [api.baseUrl, 'exports', lectureId];

export function useExports(lectureId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: exportsKey(api, lectureId),
    queryFn: ({ signal }) =>
      dataOf(
        api.client.GET('/lectures/{lectureId}/exports', { params: { path: { lectureId } }, signal }),
        api.clock.now(),
      ),
  });
}

const THREADS = 100;

export function useThreads(courseId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, 'threads', courseId],
    queryFn: ({ signal }) =>
      dataOf(
        api.client.GET('/courses/{courseId}/threads', {
          params: { path: { courseId }, query: { limit: THREADS } },
          signal,
        }),
        api.clock.now(),
      ),
  });
}

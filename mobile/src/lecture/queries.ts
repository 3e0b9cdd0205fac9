import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';

import { type Progress, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { finished } from './stages';

/** Read again whenever `state` changes: the length is known after the upload, the warnings after transcription. */
export function useLecture(lectureId: string, state: string | undefined, enabled: boolean) {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, 'lecture', lectureId, state],
    enabled,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      dataOf(
        api.client.GET('/lectures/{lectureId}', { params: { path: { lectureId } }, signal }),
        api.clock.now(),
      ),
  });
}

/** What is recognized so far; read again whenever another segment is finished. */
export function usePartialTranscript(lectureId: string, progress: Progress | null) {
  const { api } = useServices();
  const segments = progress?.stages.find((stage) => stage.stage === 'transcription')?.segments ?? [];
  const done = finished(segments);
  return useQuery({
    queryKey: [api.baseUrl, 'partial', lectureId, done, progress?.overallStatus],
    enabled: done > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      dataOf(
        api.client.GET('/lectures/{lectureId}/transcript/partial', { params: { path: { lectureId } }, signal }),
        api.clock.now(),
      ),
  });
}

/** The failed job that may be tried again; none where a new upload is needed. */
export function replayable(progress: Progress): string | null {
  const failed = progress.stages.find((stage) => stage.status === 'failed');
  return failed?.jobId ?? null;
}

export function useReplay(restarted: () => void) {
  const { api } = useServices();
  return useMutation({
    mutationFn: (jobId: string) =>
      dataOf(api.client.POST('/jobs/{jobId}/replay', { params: { path: { jobId } } }), api.clock.now()),
    onSuccess: restarted,
  });
}

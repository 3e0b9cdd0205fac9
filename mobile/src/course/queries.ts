import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { type Schema, dataOf } from '../api/client';
import { ApiProblem } from '../api/problem';
import { useServices } from '../app/Services';

export type Retention = Schema<'CourseRetentionResponse'>;
export type Rules = Schema<'RetentionRules'>;
export type Days = Omit<Retention['inForce'], 'held'>;

const READ = { courses: ['courses'], lectures: ['lectures'], lecture: ['lecture'] } as const;

/** The key begins with that of the list, so that what reads the list again reads this as well. */
export function useCourse(courseId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, ...READ.courses, courseId],
    queryFn: ({ signal }) =>
      dataOf(api.client.GET('/courses/{courseId}', { params: { path: { courseId } }, signal }), api.clock.now()),
  });
}

/** The course may have been deleted already: that is what was wanted. */
export function useDeleteCourse(courseId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      try {
        await dataOf(api.client.DELETE('/courses/{courseId}', { params: { path: { courseId } } }), api.clock.now());
      } catch (error) {
        if (!(error instanceof ApiProblem && error.status === 404)) throw error;
      }
    },
    onSuccess: () =>
      Promise.all(
        // The lists, and not the course that is shown until then.
        [READ.courses, READ.lectures].map((key) => queries.invalidateQueries({ queryKey: [api.baseUrl, ...key], exact: true })),
      ),
  });
}

const retentionKey = (baseUrl: string, courseId: string) => [baseUrl, 'retention', courseId];

/** Not asked for where there is no course yet. */
export function useRetention(courseId: string | null) {
  const { api } = useServices();
  return useQuery({
    queryKey: retentionKey(api.baseUrl, courseId ?? ''),
    enabled: courseId !== null,
    queryFn: ({ signal }) =>
      dataOf(
        api.client.GET('/courses/{courseId}/retention', { params: { path: { courseId: courseId ?? '' } }, signal }),
        api.clock.now(),
      ),
  });
}

/** The days of a course that has none of its own. */
export function useServerRetention() {
  const { api } = useServices();
  return useQuery({
    queryKey: [api.baseUrl, 'config', 'retention'],
    queryFn: async ({ signal }): Promise<Days> => {
      const { retentionDays } = await dataOf(api.client.GET('/config', { signal }), api.clock.now());
      const { rawAudio, transcript, material } = retentionDays;
      return { rawAudioDays: rawAudio, transcriptDays: transcript, materialDays: material };
    },
  });
}

/** Replaces all rules; the dates of the course's lectures are read again. */
export function useChangeRetention(courseId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rules: Rules) =>
      dataOf(
        api.client.PUT('/courses/{courseId}/retention', { params: { path: { courseId } }, body: rules }),
        api.clock.now(),
      ),
    onSuccess: (retention) => {
      queries.setQueryData(retentionKey(api.baseUrl, courseId), retention);
      return queries.invalidateQueries({ queryKey: [api.baseUrl, ...READ.lecture] });
    },
  });
}

const vocabularyKey = (baseUrl: string, courseId: string) => [baseUrl, 'vocabulary', courseId];

export function useVocabulary(courseId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: vocabularyKey(api.baseUrl, courseId),
    queryFn: ({ signal }) =>
      dataOf(api.client.GET('/courses/{courseId}/vocabulary', { params: { path: { courseId } }, signal }), api.clock.now()),
  });
}

export function useForgetVocabulary(courseId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      dataOf(api.client.DELETE('/courses/{courseId}/vocabulary', { params: { path: { courseId } } }), api.clock.now()),
    onSuccess: () => queries.invalidateQueries({ queryKey: vocabularyKey(api.baseUrl, courseId) }),
  });
}

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { type Course, type Lecture, type Schema, dataOf } from '../api/client';
import { ApiProblem } from '../api/problem';
import { useServices } from '../app/Services';
import { LIVE, REFRESH_MS, moves } from './reached';

const PAGE = 100;

export const LECTURES = ['lectures'] as const;
export const COURSES = ['courses'] as const;

export interface CourseGroup {
  readonly courseId: string;
  readonly title: string;
  readonly lectures: readonly Lecture[];
}

export function useLectures() {
  const { api } = useServices();
  const queries = useQueryClient();
  return useInfiniteQuery({
    queryKey: [api.baseUrl, ...LECTURES],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.client.GET('/lectures', {
          params: { query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
        api.clock.now(),
      ),
    getNextPageParam: (page) => page.pagination.nextCursor,
    refetchInterval: ({ state }) =>
      queries.getQueryData([api.baseUrl, ...LIVE]) !== true && state.data?.pages.some((page) => page.lectures.some(moves))
        ? REFRESH_MS
        : false,
  });
}

export function useCourses() {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: [api.baseUrl, ...COURSES],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.client.GET('/courses', {
          params: { query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
        api.clock.now(),
      ),
    getNextPageParam: (page) => page.pagination.nextCursor,
  });
}

export function useDeleteLecture() {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (lectureId: string) => {
      try {
        await dataOf(api.client.DELETE('/lectures/{lectureId}', { params: { path: { lectureId } } }), api.clock.now());
      } catch (error) {
        // Deleted already: what was wanted.
        if (!(error instanceof ApiProblem && error.status === 404)) throw error;
      }
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [api.baseUrl, ...LECTURES] }),
  });
}

/** The lists, the lecture and the files that show the title are read again. */
export function useRenameLecture(lectureId: string) {
  return useChangeLecture(lectureId, (title: string | null) => ({ title }), []);
}

/** The threads of both courses are read again, too. */
export function useMoveLecture(lectureId: string) {
  return useChangeLecture(lectureId, (courseId: string) => ({ courseId }), [['threads']]);
}

function useChangeLecture<T>(
  lectureId: string,
  change: (value: T) => Schema<'LectureChanges'>,
  alsoRead: readonly (readonly string[])[],
) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (value: T) =>
      dataOf(
        api.client.PATCH('/lectures/{lectureId}', { params: { path: { lectureId } }, body: change(value) }),
        api.clock.now(),
      ),
    onSuccess: () =>
      Promise.all(
        [LECTURES, ['lecture', lectureId], ['exports', lectureId], ...alsoRead].map((key) =>
          queries.invalidateQueries({ queryKey: [api.baseUrl, ...key] }),
        ),
      ),
  });
}

export function useRenameCourse(courseId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (title: string | null) =>
      dataOf(
        api.client.PATCH('/courses/{courseId}', { params: { path: { courseId } }, body: { title } }),
        api.clock.now(),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [api.baseUrl, ...COURSES] }),
  });
}

/** Reads the lists again whenever `state` changes: a lecture was uploaded, or has come to its end. */
export function useFreshLibrary(state: unknown): void {
  const { api } = useServices();
  const queries = useQueryClient();
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: [api.baseUrl, ...LECTURES] });
    void queries.invalidateQueries({ queryKey: [api.baseUrl, ...COURSES] });
  }, [api, queries, state]);
}

/** Lectures by course, in the order of their newest lecture; a course without lectures comes last. */
export function grouped(lectures: readonly Lecture[], courses: readonly Course[]): CourseGroup[] {
  const titles = new Map(courses.map((course) => [course.courseId, course.title]));
  const groups = new Map<string, Lecture[]>();
  for (const lecture of lectures) {
    const group = groups.get(lecture.courseId);
    if (group === undefined) groups.set(lecture.courseId, [lecture]);
    else if (!group.some((known) => known.lectureId === lecture.lectureId)) group.push(lecture);
  }
  for (const course of courses) if (!groups.has(course.courseId)) groups.set(course.courseId, []);
  return [...groups].map(([courseId, own]) => ({ courseId, title: titles.get(courseId) ?? courseId, lectures: own }));
}

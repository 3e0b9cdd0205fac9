import { newId } from '../api/ids';
import type { CourseChoice, Recording } from './types';

const LONGEST_ID = 48;

const sameTitle = (one: string, other: string) =>
  one.normalize('NFC').trim().toLocaleLowerCase() === other.normalize('NFC').trim().toLocaleLowerCase();

/** The course of this title among those known; otherwise a new one, with an id that none of them has. */
export function courseOf(title: string, known: readonly CourseChoice[], suffix: () => string = newId): CourseChoice {
  const wanted = title.trim();
  const found = known.find((course) => sameTitle(course.title ?? course.courseId, wanted));
  if (found !== undefined) return found;
  const stem = wanted
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, LONGEST_ID)
    .replace(/-+$/, '');
  const taken = known.some((course) => course.courseId.toLowerCase() === stem);
  // Where too little of the title is Latin, or another course has it, the id is made unique.
  const courseId = stem.length < 3 || taken ? `${stem === '' ? 'course' : stem}-${suffix().slice(0, 8)}` : stem;
  return { courseId, title: wanted };
}

/** Courses to choose from: the server's, and those of recordings that wait here for their upload. */
export function choices(server: readonly CourseChoice[], recordings: readonly Recording[]): CourseChoice[] {
  const found = new Map<string, CourseChoice>();
  for (const course of [...recordings.flatMap(({ course: own }) => (own === null ? [] : [own])), ...server]) {
    found.set(course.courseId, { courseId: course.courseId, title: course.title });
  }
  return [...found.values()];
}

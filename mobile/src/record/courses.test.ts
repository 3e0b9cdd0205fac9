import fc from 'fast-check';

import { choices, courseOf } from './courses';
import type { CourseChoice, Recording } from './types';

const PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const suffix = () => '0123456789ab';

test('every title gives an id that the API takes', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (title) => {
      expect(courseOf(title, [], suffix).courseId).toMatch(PATTERN);
    }),
  );
});

test('a new course never takes the id of one that is known', () => {
  const title = fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'B', 'ä', ' ', '-', '字') });
  fc.assert(
    fc.property(fc.uniqueArray(title, { maxLength: 6 }), title, (titles, wanted) => {
      let next = 0;
      const known = titles.reduce<CourseChoice[]>((all, each) => {
        const made = courseOf(each, all, () => String((next += 1)).padStart(8, '0'));
        return all.includes(made) ? all : [...all, made];
      }, []);
      const found = courseOf(wanted, known, suffix);
      const same = known.filter((course) => course.courseId === found.courseId);
      expect(same.every((course) => course === found)).toBe(true);
    }),
  );
});

test('accents are dropped, and do not break a word', () => {
  expect(courseOf('Über Öl', []).courseId).toBe('uber-ol');
});

test('a title that is known is its course, however it is written', () => {
  const known = [{ courseId: 'x1', title: 'Über Zahlen' }];
  expect(courseOf('  über zahlen ', known)).toBe(known[0]);
  expect(courseOf('Data Structures', known)).toEqual({ courseId: 'data-structures', title: 'Data Structures' });
});

test("the server's title of a course wins over the one that a recording has", () => {
  const recording = { course: { courseId: 'a', title: 'Old' } } as Recording;
  expect(choices([{ courseId: 'a', title: 'New' }], [recording])).toEqual([{ courseId: 'a', title: 'New' }]);
});

import { screen, userEvent } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { json, never, renderView } from '../testing/render';
import { LibraryScreen } from './LibraryScreen';

const lecture = (change: Partial<Lecture>): Lecture =>
  ({
    lectureId: 'l1',
    courseId: 'data-structures',
    title: 'Hashing',
    status: 'completed',
    error: null,
    durationSec: 3129,
    createdAt: '2026-03-02T10:00:00Z',
    ...change,
  }) as Lecture;

const page = (lectures: readonly Lecture[]) => json({ lectures, pagination: { nextCursor: null } });
const courses = json({
  courses: [{ courseId: 'data-structures', title: 'Data Structures' }],
  pagination: { nextCursor: null },
});

test('while it loads it says so', () => {
  renderView(<LibraryScreen />, { answers: { '/lectures': never, '/courses': never } });
  expect(screen.getByText('Loading your lectures')).toBeTruthy();
  expect(screen.queryByText('No lectures yet')).toBeNull();
});

test('an empty library says what to do', async () => {
  const { settled } = renderView(<LibraryScreen />, { answers: { '/lectures': page([]), '/courses': courses } });
  expect(await screen.findByText('No lectures yet')).toBeTruthy();
  // A course without lectures is no group.
  expect(screen.queryByText('Data Structures')).toBeNull();
  await settled();
});

test('without a network it says so, and tries again', async () => {
  let down = true;
  const answer = () => {
    if (down) throw new TypeError('Failed to fetch');
    return page([lecture({})])();
  };
  const { settled } = renderView(<LibraryScreen />, { answers: { '/lectures': answer, '/courses': courses } });
  expect(await screen.findByText('You are offline')).toBeTruthy();
  down = false;
  await userEvent.press(screen.getByText('Try again'));
  expect(await screen.findByText('Hashing')).toBeTruthy();
  expect(screen.queryByText('You are offline')).toBeNull();
  await settled();
});

test("the server's failure is in words", async () => {
  const problem = json({ code: 'internal', detail: 'x', status: 500, requestId: 'r-1' }, 500);
  const { settled } = renderView(<LibraryScreen />, { answers: { '/lectures': problem, '/courses': courses } });
  expect(await screen.findByText('That did not work')).toBeTruthy();
  expect(screen.getByText(/Something went wrong on our side.*r-1/)).toBeTruthy();
  await settled();
});

test('lectures stand with their course, state and reason, and lead to their views', async () => {
  const found = [
    lecture({ lectureId: 'l2', title: null, status: 'processing', durationSec: null }),
    lecture({}),
    lecture({ lectureId: 'l3', title: 'Silence', status: 'failed', error: { code: 'no_speech', message: 'x' } as Lecture['error'] }),
  ];
  const { went, settled } = renderView(<LibraryScreen />, { answers: { '/lectures': page(found), '/courses': courses } });
  expect(await screen.findByText('Data Structures')).toBeTruthy();
  expect(screen.getByText('3 lectures')).toBeTruthy();
  expect(screen.getByLabelText('Untitled lecture, Mar 2, 2026 · In progress')).toBeTruthy();
  expect(screen.getByLabelText('Silence, Mar 2, 2026 · 52:09 · No speech was found in the recording.')).toBeTruthy();
  await userEvent.press(screen.getByLabelText('Hashing, Mar 2, 2026 · 52:09 · Ready'));
  expect(went).toEqual(['/lectures/l1']);
  await settled();
});

test.each([
  ['de', 'Vorlesungen', '2. März 2026'],
  ['es', 'Clases', '2 mar 2026'],
] as const)('in %s', async (language, title, day) => {
  const { settled } = renderView(<LibraryScreen />, { language, answers: { '/lectures': page([lecture({})]), '/courses': courses } });
  expect(screen.getByText(title)).toBeTruthy();
  expect(await screen.findByText(new RegExp(day))).toBeTruthy();
  await settled();
});

import { act, screen, userEvent, waitFor } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { json, never, renderView } from '../testing/render';
import { LibraryScreen } from './LibraryScreen';

const lecture = (change: Partial<Lecture>): Lecture =>
  ({
    lectureId: 'l1',
    lectureKey: 'k1',
    courseId: 'data-structures',
    title: 'Hashing',
    status: 'completed',
    error: null,
    durationSec: 3129,
    createdAt: '2026-03-02T10:00:00Z',
    restrictedAt: null,
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
  await settled();
});

test('a course without lectures can be managed, once all lectures are known', async () => {
  const more = json({ lectures: [lecture({ courseId: 'logic' })], pagination: { nextCursor: 'more' } });
  let answer = more;
  const { settled } = renderView(<LibraryScreen />, { answers: { '/lectures': () => answer(), '/courses': courses } });
  expect(await screen.findByText('Hashing')).toBeTruthy();
  expect(screen.queryByText('Data Structures')).toBeNull();
  answer = page([lecture({ courseId: 'logic', lectureId: 'l9' })]);
  await userEvent.press(screen.getByText('Show more lectures'));
  expect(await screen.findByText('Data Structures')).toBeTruthy();
  expect(screen.getByText('0 lectures')).toBeTruthy();
  expect(screen.getByLabelText('Manage Data Structures')).toBeTruthy();
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
  expect(screen.getByLabelText('Untitled lecture, In progress, Mar 2, 2026')).toBeTruthy();
  expect(screen.getByLabelText('Silence, Mar 2, 2026 · 52:09 · No speech was found in the recording.')).toBeTruthy();
  await userEvent.press(screen.getByLabelText('Hashing, Mar 2, 2026 · 52:09 · Ready'));
  expect(went).toEqual(['/lectures/l1']);
  await settled();
});

/** A stream of events that stays open, and what has been sent on it. */
function opened() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = () => new ReadableStream<Uint8Array>({ start: (own) => void (controller = own) });
  return {
    answer: () => new Response(body(), { headers: { 'Content-Type': 'text/event-stream' } }),
    send: async (name: string, data: unknown) => {
      await waitFor(() => expect(controller).toBeDefined());
      const text = `event: ${name}\ndata: ${JSON.stringify(data)}\nid: x\n\n`;
      await act(async () => controller?.enqueue(new TextEncoder().encode(text)));
    },
  };
}

test("the server's events change the list, which is read again only where it has to be", async () => {
  const events = opened();
  let listed = [lecture({ status: 'processing' })];
  let read = 0;
  const { settled } = renderView(<LibraryScreen />, {
    answers: { '/lectures': () => ((read += 1), page(listed)()), '/courses': courses, '/events': events.answer },
  });
  expect(await screen.findByText(/In progress/)).toBeTruthy();
  await settled();
  const before = read;

  await events.send('lecture', lecture({ status: 'completed' }));
  expect(await screen.findByText('Ready')).toBeTruthy();
  await events.send('deleted', { lectureKey: 'k1' });
  expect(await screen.findByText('No lectures yet')).toBeTruthy();
  expect(read).toBe(before);

  listed = [lecture({ lectureKey: 'k2', title: 'Trees' })];
  await events.send('lecture', listed[0]);
  expect(await screen.findByText('Trees')).toBeTruthy();
  expect(read).toBe(before + 1);
  listed = [lecture({ lectureKey: 'k3', title: 'Graphs' })];
  await events.send('reset', {});
  expect(await screen.findByText('Graphs')).toBeTruthy();
  expect(read).toBe(before + 2);
  await settled();
});

describe('lectures under way', () => {
  const moving = { ...lecture({ status: 'processing' }), percent: 45.9, stage: 'transcription', estimatedSecondsLeft: 130 };
  const started = async (answers = {}) => {
    const events = opened();
    const view = renderView(<LibraryScreen />, {
      answers: { '/lectures': page([lecture({ status: 'processing' })]), '/courses': courses, '/events': events.answer, ...answers },
    });
    expect(await screen.findByText(/In progress/)).toBeTruthy();
    return { events, ...view };
  };
  const told = () => screen.getByRole('status').props.children;

  test('show their stage, how far they are and the time left, as the events say', async () => {
    const { events, settled } = await started();
    await events.send('lecture', moving);
    expect(await screen.findByText('Being transcribed · 45%')).toBeTruthy();
    expect(screen.getByText('about 2 minutes left', { includeHiddenElements: true })).toBeTruthy();
    // Its name is what it shows, but for what changes all the time.
    expect(screen.getByLabelText('Hashing, Being transcribed, Mar 2, 2026 · 52:09')).toBeTruthy();
    expect(screen.getByLabelText('Hashing').props['aria-valuenow']).toBe(45);
    expect(told()).toBe('');

    // The next percent is no news; the next stage is, and the end.
    await events.send('lecture', { ...moving, percent: 60, estimatedSecondsLeft: null });
    expect(await screen.findByText('Being transcribed · 60%')).toBeTruthy();
    expect(screen.getByText('Mar 2, 2026 · 52:09')).toBeTruthy();
    expect(told()).toBe('');
    await events.send('lecture', { ...moving, stage: 'generation' });
    await waitFor(() => expect(told()).toBe('Hashing: Study material being made'));
    await events.send('lecture', { ...moving, status: 'completed', percent: 100, stage: null, estimatedSecondsLeft: null });
    await waitFor(() => expect(told()).toBe('Hashing: Ready'));
    expect(screen.queryByLabelText('Hashing')).toBeNull();
    await settled();
  });

  test('keep the height of their row when they are ready', async () => {
    const { events, settled } = await started();
    await events.send('lecture', moving);
    expect(await screen.findByText('about 2 minutes left', { includeHiddenElements: true })).toBeTruthy();
    await events.send('lecture', { ...moving, status: 'completed', percent: 100, stage: null, estimatedSecondsLeft: null });
    // Two lines of detail, as before; a row that was ready from the start has one.
    expect(await screen.findByText('Ready')).toBeTruthy();
    expect(screen.getByText('Mar 2, 2026 · 52:09')).toBeTruthy();
    expect(screen.getByLabelText('Hashing, Ready, Mar 2, 2026 · 52:09')).toBeTruthy();
    await settled();
  });

  test('are asked about one by one while the server sends no events', async () => {
    const asked: string[] = [];
    const progress = (lectureId: string) => () => {
      asked.push(lectureId);
      const stages = [
        { stage: 'upload', status: 'succeeded', percent: 100 },
        { stage: 'transcription', status: 'succeeded', percent: 100 },
        { stage: 'generation', status: 'running', percent: 0 },
        { stage: 'export', status: 'not_started', percent: 0 },
      ];
      return json({ lectureId, overallStatus: 'in_progress', percent: 80, estimatedSecondsLeft: 20, stages })();
    };
    const many = [1, 2, 3, 4, 5, 6].map((n) => lecture({ lectureId: `l${n}`, lectureKey: `k${n}`, title: `Talk ${n}`, status: 'processing' }));
    const { settled } = renderView(<LibraryScreen />, {
      answers: {
        '/lectures': page([lecture({ lectureId: 'l0', lectureKey: 'k0' }), ...many]),
        '/courses': courses,
        '/events': json({ code: 'streams_busy', detail: '', status: 503, requestId: 'r' }, 503),
        ...Object.fromEntries(many.map(({ lectureId }) => [`/lectures/${lectureId}/progress`, progress(lectureId)])),
      },
    });
    expect(await screen.findAllByText('Study material being made · 80%')).toHaveLength(5);
    expect(screen.getAllByText('about 20 seconds left', { includeHiddenElements: true })).toHaveLength(5);
    expect([...new Set(asked)].sort()).toEqual(['l1', 'l2', 'l3', 'l4', 'l5']);
    await settled();
  });
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

import { fireEvent, screen, userEvent, waitFor } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { json, renderView } from '../testing/render';
import { KeptUntil } from './KeptUntil';
import { ManageLecture } from './ManageLecture';

const lecture = {
  lectureId: 'l',
  courseId: 'c',
  title: 'Hashing',
  presetId: 'exam',
  status: 'completed',
  available: { recording: true, transcript: true, artifacts: true, exports: true },
  recordingDeletesAt: '2027-01-15T12:00:00Z',
  transcriptDeletesAt: null,
  materialDeletesAt: null,
} as unknown as Lecture;
const presets = json({
  presets: [
    { id: 'lab', title: 'Laboratory', description: 'For the bench.' },
    { id: 'seminar', title: 'x', description: 'y' },
    { id: 'exam', title: 'x', description: 'y' },
  ],
});

/** A button of a dialog is named as the one that opened it. */
const lastOf = (text: string) => screen.getAllByText(text).at(-1) ?? screen.root;

test('the material is made again with another preset, and the lecture is followed', async () => {
  const generate = jest.fn((_: RequestInit) => json({ jobId: 'j' }, 202)());
  const started = jest.fn();
  const { settled } = renderView(<ManageLecture lectureId="l" lecture={lecture} onStarted={started} />, {
    answers: { '/presets': presets, 'POST /lectures/l/generate': generate },
  });
  await userEvent.press(screen.getByText('Make the material again'));
  // In the app's words where it has any; one that only the server knows in the server's.
  const offered = await screen.findAllByText(/^(Exam|Seminar|Laboratory)$/);
  expect(offered.map((choice) => choice.props.children)).toEqual(['Exam', 'Seminar', 'Laboratory']);
  expect(screen.getByText(/What an examiner is likely to ask/)).toBeTruthy();
  await userEvent.press(screen.getByText('Laboratory'));
  expect(screen.getByText('For the bench.')).toBeTruthy();
  await userEvent.press(lastOf('Make the material again'));
  await waitFor(() => expect(started).toHaveBeenCalledTimes(1));
  expect(JSON.parse(String(generate.mock.calls[0]?.[0].body))).toEqual({ presetId: 'lab' });
  await settled();
});

test('material that cannot be made now says why', async () => {
  const started = jest.fn();
  const refused = json({ code: 'daily_limit_reached', detail: '', status: 429 }, 429);
  const { settled } = renderView(<ManageLecture lectureId="l" lecture={lecture} onStarted={started} />, {
    answers: { '/presets': presets, 'POST /lectures/l/generate': refused },
  });
  await userEvent.press(screen.getByText('Make the material again'));
  await userEvent.press(lastOf('Make the material again'));
  expect(await screen.findByText(/more than may be transcribed in a day/)).toBeTruthy();
  expect(started).not.toHaveBeenCalled();
  await settled();
});

test.each([
  ['without a transcript', { available: { ...lecture.available, transcript: false } }],
  ['while it is worked on', { status: 'processing' }],
])('%s nothing is made again', (_, change) => {
  renderView(<ManageLecture lectureId="l" lecture={{ ...lecture, ...change } as Lecture} onStarted={() => undefined} />);
  expect(screen.queryByText('Make the material again')).toBeNull();
  expect(screen.getByText('Delete lecture')).toBeTruthy();
});

describe('into another course', () => {
  const courses = json({
    courses: [
      { courseId: 'c', title: 'Algorithms' },
      { courseId: 'logic', title: 'Logic' },
    ],
    pagination: { nextCursor: null },
  });
  const days = json({ rules: {}, inForce: { rawAudioDays: 7, transcriptDays: 14, materialDays: null, held: false } });

  async function moved(answer: () => Response) {
    const change = jest.fn((_: RequestInit) => answer());
    const started = jest.fn();
    const { settled } = renderView(<ManageLecture lectureId="l" lecture={lecture} onStarted={started} />, {
      answers: { '/courses': courses, '/courses/logic/retention': days, 'PATCH /lectures/l': change },
    });
    await userEvent.press(screen.getByText('Move to another course'));
    await userEvent.press(await screen.findByText('Logic'));
    expect(screen.queryByText('Algorithms')).toBeNull();
    expect(await screen.findByText(/Recordings are deleted after 7 days/)).toBeTruthy();
    await userEvent.press(lastOf('Move to another course'));
    await settled();
    return { change, started };
  }

  test('it is moved, and followed', async () => {
    const { change, started } = await moved(json({}));
    expect(JSON.parse(String(change.mock.calls[0]?.[0].body))).toEqual({ courseId: 'logic' });
    expect(started).toHaveBeenCalledTimes(1);
    expect(screen.queryByText('Cancel')).toBeNull();
  });

  test('a course on hold lets it not go, and that is said', async () => {
    const { started } = await moved(json({ code: 'course_held', detail: '', status: 409 }, 409));
    expect(screen.getByText(/no lecture leaves it/)).toBeTruthy();
    expect(started).not.toHaveBeenCalled();
  });

  test('that there is no other course is said', async () => {
    const none = json({ courses: [{ courseId: 'c', title: 'Algorithms' }], pagination: { nextCursor: null } });
    const { settled } = renderView(<ManageLecture lectureId="l" lecture={lecture} onStarted={() => undefined} />, {
      answers: { '/courses': none },
    });
    await userEvent.press(screen.getByText('Move to another course'));
    await settled();
    expect(screen.getByText(/There is no other course yet/)).toBeTruthy();
    expect(screen.getAllByText('Move to another course')).toHaveLength(2);
  });
});

test('what is deleted when, and what was', () => {
  renderView(<KeptUntil lecture={{ ...lecture, transcriptDeletedAt: '2026-11-02T12:00:00Z', transcriptDeletesAt: '2026-11-01T12:00:00Z' }} />);
  expect(screen.getByText('The recording is deleted on Jan 15, 2027.')).toBeTruthy();
  expect(screen.getByText('The transcript was deleted on Nov 2, 2026.')).toBeTruthy();
  expect(screen.queryByText(/The study material/)).toBeNull();
});

describe('a title', () => {
  async function typed(text: string, answer: () => Response) {
    const change = jest.fn(answer);
    renderView(<ManageLecture lectureId="l" lecture={lecture} onStarted={() => undefined} />, { answers: { 'PATCH /lectures/l': change } });
    await userEvent.press(screen.getByText('Rename lecture'));
    fireEvent.changeText(screen.getByLabelText('Title of the lecture'), text);
    await userEvent.press(screen.getByText('Save'));
    return change;
  }

  test('that stays as it was is not sent', async () => {
    const change = await typed(' Hashing ', json({}));
    await waitFor(() => expect(screen.queryByText('Save')).toBeNull());
    expect(change).not.toHaveBeenCalled();
  });

  test('that is refused: it is said, and what was typed stays', async () => {
    await typed('x'.repeat(999), json({ code: 'invalid_request', detail: '', status: 422 }, 422));
    expect(await screen.findByText('This title cannot be used. Is it too long?')).toBeTruthy();
    expect(screen.getByLabelText('Title of the lecture').props.value).toHaveLength(999);
  });
});

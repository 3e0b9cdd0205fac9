import { fireEvent, screen, userEvent, waitFor } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { type Answers, json, never, renderView } from '../testing/render';
import { FrozenLectures } from './FrozenLectures';
import LectureScreen from './LectureScreen';
import { ManageLecture } from './ManageLecture';
import { consentOf, typedOf } from './consent';

const lecture = {
  lectureId: 'l',
  courseId: 'c',
  title: 'Hashing',
  presetId: 'exam',
  status: 'completed',
  consent: { informed: null, basis: null, at: null },
  restrictedAt: null,
  available: { recording: true, transcript: true, artifacts: true, exports: true },
} as unknown as Lecture;

const rules = { rawAudioDays: 7, transcriptDays: null, materialDays: null };
const retention = (held: boolean) =>
  json({
    courseId: 'c',
    rules: { ...rules, hold: held ? { until: '2027-03-31T10:00:00Z', reason: 'An appeal.' } : null },
    inForce: { rawAudioDays: 7, transcriptDays: 14, materialDays: null, held },
  });

const lastOf = (text: string) => screen.getAllByText(text).at(-1) ?? screen.root;
const bodyOf = (write: jest.Mock<Response, [RequestInit]>) => JSON.parse(String(write.mock.calls.at(-1)?.[0].body));

function managed(answers: Answers, change: Partial<Lecture> = {}) {
  const view = renderView(<ManageLecture lectureId="l" lecture={{ ...lecture, ...change }} onStarted={jest.fn()} />, { answers });
  fireEvent.press(screen.getByText('Keeping and privacy'));
  return view;
}

describe('the record of who was informed', () => {
  test('is shown, changed, and replaced as a whole', async () => {
    const write = jest.fn((_: RequestInit) => json({})());
    const consent = { informed: 'all of them', basis: 'consent', at: '2026-10-05T10:00:00Z' } as const;
    const { settled } = managed({ 'PUT /lectures/l/consent': write }, { consent });
    expect(screen.getByText('Informed of the recording: all of them. On Oct 5, 2026. Legal basis: Consent.')).toBeTruthy();
    await userEvent.press(screen.getByText('Who was informed'));
    fireEvent.changeText(screen.getByLabelText('Who was informed, and how'), ' the course ');
    fireEvent.changeText(screen.getByLabelText('On which day'), '');
    await userEvent.press(screen.getByText('Public task'));
    await userEvent.press(screen.getByText('Save'));
    await waitFor(() => expect(bodyOf(write)).toEqual({ informed: 'the course', basis: 'public_task', at: null }));
    await settled();
  });

  test('is not sent with a day that is none', async () => {
    const write = jest.fn((_: RequestInit) => json({})());
    const { settled } = managed({ 'PUT /lectures/l/consent': write });
    await userEvent.press(screen.getByText('Who was informed'));
    fireEvent.changeText(screen.getByLabelText('On which day'), '2026-02-30');
    await userEvent.press(screen.getByText('Save'));
    expect(screen.getByText(/Please enter a day such as/)).toBeTruthy();
    expect(write).not.toHaveBeenCalled();
    await settled();
  });

  test('has the day that was typed', () => {
    const record = consentOf({ informed: '', basis: null, day: '2026-10-05' });
    expect(record).toEqual({ informed: null, basis: null, at: expect.stringMatching(/^2026-10-0[45]T/) });
    expect(record && typedOf(record).day).toBe('2026-10-05');
  });
});

describe('a hold', () => {
  test('is set for so many days from now, and leaves the days as they are', async () => {
    const write = jest.fn((_: RequestInit) => retention(true)());
    const { settled } = managed({ '/courses/c/retention': retention(false), 'PUT /courses/c/retention': write });
    await userEvent.press(await screen.findByText('Delete nothing of the course for now'));
    await userEvent.press(screen.getByText('90 days'));
    expect(screen.getByText(/^Until Apr 1, 1970$/)).toBeTruthy();
    fireEvent.changeText(screen.getByLabelText('Reason'), 'An appeal.');
    await userEvent.press(screen.getByText('Save'));
    await waitFor(() => expect(bodyOf(write)).toEqual({ ...rules, hold: { until: '1970-04-01T00:00:00.000Z', reason: 'An appeal.' } }));
    expect(await screen.findByText('Change or end the hold')).toBeTruthy();
    await settled();
  });

  test('says until when, and ends', async () => {
    const write = jest.fn((_: RequestInit) => retention(false)());
    const { settled } = managed({ '/courses/c/retention': retention(true), 'PUT /courses/c/retention': write });
    await userEvent.press(await screen.findByText('Change or end the hold'));
    expect(screen.getByText('Nothing is deleted before Mar 31, 2027: there is a hold.')).toBeTruthy();
    await userEvent.press(screen.getByText('End the hold'));
    await waitFor(() => expect(bodyOf(write)).toEqual({ ...rules, hold: null }));
    await settled();
  });

  test('that is longer than the server allows says so', async () => {
    const refused = json({ code: 'invalid_request', detail: '', status: 422 }, 422);
    const { settled } = managed({ '/courses/c/retention': retention(false), 'PUT /courses/c/retention': refused });
    await userEvent.press(await screen.findByText('Delete nothing of the course for now'));
    await userEvent.press(screen.getByText('Save'));
    expect(await screen.findByText('The server does not allow a hold of this length.')).toBeTruthy();
    await settled();
  });
});

describe('a lecture that is frozen', () => {
  const progress = { lectureId: 'l', overallStatus: 'completed', percent: 100, estimatedSecondsLeft: null, error: null, warnings: [], stages: [] };
  const refusal = json({ code: 'lecture_restricted', detail: '', status: 409 }, 409);
  const frozen = { ...lecture, restrictedAt: '2026-11-12T10:00:00Z' };
  const courses = json({ courses: [], pagination: { nextCursor: null } });
  const shown = (answers: Answers) =>
    renderView(<LectureScreen lectureId="l" />, {
      answers: { '/courses': courses, '/courses/c/retention': retention(false), '/lectures/l/progress/stream': refusal, ...answers },
    });

  test('is so after a confirmation that says what it does', async () => {
    const write = jest.fn((_: RequestInit) => json({ lectureId: 'l', restrictedAt: frozen.restrictedAt })());
    const { settled } = managed({ '/courses/c/retention': retention(false), 'PUT /lectures/l/restriction': write });
    await userEvent.press(screen.getByText('Freeze this lecture'));
    expect(screen.getByText(/neither shown nor processed/)).toBeTruthy();
    expect(write).not.toHaveBeenCalled();
    await userEvent.press(lastOf('Freeze this lecture'));
    await waitFor(() => expect(write).toHaveBeenCalledTimes(1));
    await settled();
  });

  test('says since when, shows nothing else of it, and is shown again', async () => {
    let now: Lecture = frozen;
    const lift = jest.fn((_: RequestInit) => {
      now = lecture;
      return json({ lectureId: 'l', restrictedAt: null })();
    });
    const { settled } = shown({ '/lectures/l': () => json(now)(), 'DELETE /lectures/l/restriction': lift, '/lectures/l/progress': json(progress) });
    expect(await screen.findByText('Frozen since Nov 12, 2026')).toBeTruthy();
    expect(screen.queryByText('That did not work')).toBeNull();
    expect(screen.queryByText('Move to another course')).toBeNull();
    expect(screen.getByText('Delete lecture')).toBeTruthy();
    fireEvent.press(screen.getByText('Keeping and privacy'));
    expect(screen.queryByText('Freeze this lecture')).toBeNull();
    await userEvent.press(screen.getByText('Show it again'));
    expect(await screen.findByText('Freeze this lecture')).toBeTruthy();
    expect(lift).toHaveBeenCalledTimes(1);
    await settled();
  });

  test('by an operator cannot be shown again', async () => {
    const taken = json({ code: 'taken_down', detail: '', status: 409 }, 409);
    const { settled } = shown({ '/lectures/l': json(frozen), 'DELETE /lectures/l/restriction': taken });
    await userEvent.press(await screen.findByText('Show it again'));
    expect(await screen.findByText(/a person who was recorded objects. You can delete it/)).toBeTruthy();
    await settled();
  });

  test('is found in the settings, and only there where there are any', async () => {
    const listed = json({ lectures: [frozen], pagination: { nextCursor: null } });
    const { went, settled } = renderView(<FrozenLectures />, { answers: { '/lectures': listed } });
    await userEvent.press(await screen.findByLabelText('Hashing, Frozen since Nov 12, 2026'));
    expect(went).toEqual(['/lectures/l']);
    await settled();
    renderView(<FrozenLectures />, { answers: { '/lectures': never } });
    expect(screen.queryByText('Frozen lectures')).toBeNull();
  });
});

import { screen, userEvent, waitFor } from '@testing-library/react-native';

import type { Device } from '../device/types';
import { FakeMedia } from '../player/testing';
import { json, renderView } from '../testing/render';
import { newUpload } from '../upload/machine';
import type { QueuedUpload } from '../upload/queue';
import type { Event, Upload } from '../upload/types';
import LectureScreen from './LectureScreen';

const lecture = json({
  lectureId: 'l',
  courseId: 'c',
  title: 'Hashing',
  status: 'processing',
  warnings: [],
  durationSec: null,
  available: { recording: true, transcript: false, artifacts: false, exports: false },
});
const courses = json({ courses: [{ courseId: 'c', title: 'Data Structures' }], pagination: { nextCursor: null } });

const stage = (name: string, status: string, more = {}) => ({ stage: name, status, percent: 0, jobId: null, error: null, ...more });

const progress = (overallStatus: string, stages: unknown[], more = {}) =>
  json({ lectureId: 'l', overallStatus, percent: 0, estimatedSecondsLeft: null, error: null, warnings: [], stages, ...more });

/** Streams are refused, so that the state is polled. */
const answers = (polled: () => Response, more = {}) => ({
  '/lectures/l': lecture,
  '/courses': courses,
  '/lectures/l/progress/stream': json({ code: 'streams_busy', detail: '', status: 503 }, 503),
  '/lectures/l/progress': polled,
  ...more,
});

test('stages in words, with the place in the queue and the time left', async () => {
  const polled = progress('in_progress', [
    stage('upload', 'succeeded'),
    stage('transcription', 'running', { segments: [{ status: 'succeeded' }, { status: 'running' }] }),
    stage('generation', 'queued', { jobsAhead: 3, attempt: 0 }),
    stage('export', 'not_started'),
  ], { estimatedSecondsLeft: 130 });
  const partial = json({ utterances: [{ startSec: 6, text: 'Today we build one.' }], pending: [{ startSec: 13, endSec: 20 }] });
  const { settled } = renderView(<LectureScreen lectureId="l" />, { answers: answers(polled, { '/lectures/l/transcript/partial': partial }) });
  expect(await screen.findByText('1 of 2 parts · about 2 minutes left')).toBeTruthy();
  expect(screen.getByText('Safe in your library')).toBeTruthy();
  expect(screen.getByText('3 jobs ahead')).toBeTruthy();
  expect(screen.getByText('Not started yet')).toBeTruthy();
  expect(await screen.findByText('Today we build one.')).toBeTruthy();
  expect(screen.getByText('Still being transcribed')).toBeTruthy();
  expect(screen.getByText('Data Structures')).toBeTruthy();
  await settled();
});

test('the files of the transcript can be had while the material is being made', async () => {
  const polled = progress('in_progress', [stage('upload', 'succeeded'), stage('transcription', 'succeeded'), stage('generation', 'running')], {
    filesMadeAt: '2026-01-01T00:00:00Z',
  });
  const available = { recording: true, transcript: true, artifacts: false, exports: true };
  const known = json({ ...JSON.parse(await lecture().text()), available });
  const file = { type: 'vtt', path: '', fileName: 'Hashing.vtt', contentType: '', sizeBytes: 1_200, sha256: '', createdAt: '' };
  const more = { '/lectures/l': known, '/lectures/l/exports': json({ lectureId: 'l', exports: [file] }) };
  const { settled } = renderView(<LectureScreen lectureId="l" />, { answers: answers(polled, more) });
  expect(await screen.findByText('1.2 kB · Hashing.vtt')).toBeTruthy();
  expect(screen.getByText('Download')).toBeTruthy();
  expect(screen.queryByRole('tab')).toBeNull();
  await settled();
});

test('a failure says what to do, and a retry is sent for the job that failed', async () => {
  const error = { code: 'provider_quota_exhausted', message: 'x' };
  const polled = progress('failed', [stage('upload', 'succeeded'), stage('generation', 'failed', { jobId: 'j', error })], { error });
  const replay = jest.fn(json({ jobId: 'j' }));
  const { settled } = renderView(<LectureScreen lectureId="l" />, { answers: answers(polled, { 'POST /jobs/j/replay': replay }) });
  await userEvent.press(await screen.findByText('Try again'));
  expect(replay).toHaveBeenCalledTimes(1);
  expect(screen.getAllByText('The study material cannot be made at present.').length).toBeGreaterThan(0);
  await settled();
});

test('a lecture that is not there says so and leads home', async () => {
  const gone = json({ code: 'not_found', detail: '', status: 404 }, 404);
  const { went, settled } = renderView(<LectureScreen lectureId="l" />, {
    answers: { '/courses': courses, '/lectures/l': gone, '/lectures/l/progress/stream': gone },
  });
  expect(await screen.findByText('This lecture was deleted')).toBeTruthy();
  await userEvent.press(screen.getByText('To your lectures'));
  expect(went).toEqual(['/']);
  expect(screen.queryByText('Delete lecture')).toBeNull();
  await settled();
});

test('a lecture that is ready is read, from the second that the link names', async () => {
  const polled = progress('completed', [stage('upload', 'succeeded')]);
  const done = json({
    ...JSON.parse(await lecture().text()),
    status: 'completed',
    durationSec: 120,
    available: { recording: true, transcript: true, artifacts: true, exports: false },
  });
  const utterance = { endSec: 99, confidence: 1, words: [] };
  const utterances = [{ ...utterance, id: 0, startSec: 0, text: 'First.' }, { ...utterance, id: 1, startSec: 80, text: 'Second.' }];
  const more = { '/lectures/l': done, '/lectures/l/transcript': json({ utterances }) };
  const media = new FakeMedia();
  const { settled } = renderView(<LectureScreen lectureId="l" at={90} />, { answers: answers(polled, more), openMedia: () => media });
  const row = await screen.findByLabelText('1:20 Second.');
  await settled();
  expect(row.props['aria-current']).toBe('true');
  expect(screen.getByText('1:30 / 2:00')).toBeTruthy();
  // There was no user gesture, so playback has not started.
  expect(media.told).toEqual([]);
  expect(screen.getAllByRole('tab').map((tab) => tab.props.accessibilityState.selected)).toEqual([true, false, false, false, false, false, false]);
  await userEvent.press(screen.getByText('Summary'));
  // The network is lost: the view says so, and the rest stays.
  expect(await screen.findByText('You are offline')).toBeTruthy();
  await settled();
});

test('a lecture that is ready but cannot be read says so, and is asked for again', async () => {
  const polled = progress('completed', [stage('upload', 'succeeded')]);
  const asked = jest.fn(json({ code: 'internal', detail: '', status: 500 }, 500));
  const { settled } = renderView(<LectureScreen lectureId="l" />, { answers: answers(polled, { '/lectures/l': asked }) });
  const again = await screen.findByText('Try again');
  await settled();
  const before = asked.mock.calls.length;
  await userEvent.press(again);
  await waitFor(() => expect(asked).toHaveBeenCalledTimes(before + 1));
  await settled();
});

test('it is deleted only after a confirmation', async () => {
  const polled = progress('completed', [stage('upload', 'succeeded')]);
  const remove = jest.fn(json({ receiptId: 'r' }, 202));
  const { went, settled } = renderView(<LectureScreen lectureId="l" />, { answers: answers(polled, { 'DELETE /lectures/l': remove }) });
  await userEvent.press(await screen.findByText('Delete lecture'));
  expect(remove).not.toHaveBeenCalled();
  const buttons = screen.getAllByText('Delete lecture');
  await userEvent.press(buttons[buttons.length - 1] ?? screen.root);
  await waitFor(() => expect(went).toEqual(['/']));
  expect(remove).toHaveBeenCalledTimes(1);
  await settled();
});

describe('before its upload is confirmed', () => {
  const upload: Upload = {
    ...newUpload({
      id: 'l',
      server: 'https://api.test',
      announceKey: 'k',
      file: { size: 61_000_000, contentType: 'audio/webm' },
      target: { courseId: 'c', courseTitle: 'Data Structures', lectureId: 'l', title: 'Hashing', presetId: 'exam' },
    }),
    phase: 'send',
    offset: 30_500_000,
  };

  async function shown(item: Partial<QueuedUpload>) {
    const sent: Event[] = [];
    const items = [{ upload, blocked: null, bytesPerSec: null, secondsLeft: null, ...item }];
    const device = {
      uploads: { get: () => items, subscribe: () => () => undefined, dispatch: (_: string, event: Event) => sent.push(event) },
    } as unknown as Device;
    // The server is not asked: it may not know the lecture.
    const { settled } = renderView(<LectureScreen lectureId="l" />, { device, answers: { '/courses': courses } });
    await settled();
    return sent;
  }

  test('the upload is shown, with what it waits for', async () => {
    const sent = await shown({ secondsLeft: 95 });
    expect(screen.getByText('Uploading, about 2 minutes left')).toBeTruthy();
    expect(screen.getByText('31 MB of 61 MB')).toBeTruthy();
    await userEvent.press(screen.getByText('Pause'));
    expect(sent).toEqual([{ kind: 'pause' }]);
  });

  test.each([
    [{ blocked: 'offline' as const }, 'Waiting for a connection, saved on this device'],
    [{ blocked: 'waiting_for_wifi' as const }, 'Waiting for Wi-Fi, saved on this device'],
    [{ blocked: 'paused' as const }, 'Upload paused, saved on this device'],
    [{ upload: { ...upload, failures: 2 } }, 'Connection lost, trying again, saved on this device'],
    [{ upload: { ...upload, phase: 'verify' as const } }, 'Uploaded, waiting for the confirmation'],
  ])('%#', async (item, text) => {
    await shown(item);
    expect(screen.getByText(text)).toBeTruthy();
  });

  test('a failed one says why and is tried again with a new key', async () => {
    const failure = { code: 'upload_too_large', detail: '' };
    const sent = await shown({ upload: { ...upload, phase: 'failed', failure }, blocked: 'finished' });
    expect(screen.getByText('Upload failed, saved on this device. The recording is too large.')).toBeTruthy();
    await userEvent.press(screen.getByText('Try again'));
    expect(sent).toMatchObject([{ kind: 'retry', announceKey: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  });
});

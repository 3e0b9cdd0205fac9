import { screen, userEvent, waitFor } from '@testing-library/react-native';

import { json, renderView } from '../testing/render';
import OperatorScreen from './OperatorScreen';

const job = (jobId: string) => ({
  jobId,
  lectureId: `lecture-${jobId}`,
  type: 'transcription',
  attempt: 5,
  maxAttempts: 5,
  error: { code: 'worker_lost', message: 'The lease ran out.' },
  updatedAt: '2026-11-12T10:00:00Z',
});
const message = { messageId: 'm', source: 'generate-push', payload: '', attributes: {}, jobId: null, createdAt: '2026-11-12T10:00:00Z', replayedAt: null };
const pageOf = (name: string, rows: readonly object[]) => json({ [name]: rows, pagination: { total: rows.length } })();

test('failed jobs say why, and are tried again, one or all', async () => {
  let jobs = [job('a'), job('b')];
  const replay = jest.fn((request: RequestInit) => {
    const { jobIds } = JSON.parse(String(request.body)) as { jobIds: string[] };
    jobs = jobs.filter(({ jobId }) => !jobIds.includes(jobId));
    return json({ replayed: jobIds.map((jobId) => ({ jobId })), skipped: [] })();
  });
  const { settled } = renderView(<OperatorScreen />, {
    answers: {
      '/jobs/dead-letter': () => pageOf('jobs', jobs),
      '/messages/dead-letter': () => pageOf('messages', []),
      'POST /jobs/dead-letter/replay': replay,
    },
  });
  expect(await screen.findByText('Transcription · lecture-a')).toBeTruthy();
  expect(screen.getAllByText(/Something went wrong on our side.*worker_lost: The lease ran out/)).toHaveLength(2);
  expect(screen.getByText('There is no message that was not handled.')).toBeTruthy();
  await userEvent.press(screen.getAllByText('Try again')[0] ?? screen.root);
  await waitFor(() => expect(screen.queryByText('Transcription · lecture-a')).toBeNull());
  expect(screen.getByText('Started again: 1. Left out: 0.')).toBeTruthy();
  await userEvent.press(screen.getByText('Try all of these again'));
  expect(await screen.findByText('No job has failed that was not tried again.')).toBeTruthy();
  expect(replay.mock.calls.map(([request]) => JSON.parse(String(request.body)).jobIds)).toEqual([['a'], ['b']]);
  await settled();
});

test('a message is sent again, once', async () => {
  let messages = [message];
  const resend = jest.fn((_: RequestInit) => {
    messages = [];
    return json({ messageId: 'm', topic: 't', newJobId: null }, 202)();
  });
  const { settled } = renderView(<OperatorScreen />, {
    answers: {
      '/jobs/dead-letter': () => pageOf('jobs', []),
      '/messages/dead-letter': () => pageOf('messages', messages),
      'POST /messages/dead-letter/m/replay': resend,
    },
  });
  expect(await screen.findByText('generate-push')).toBeTruthy();
  await userEvent.press(screen.getByText('Send again'));
  expect(await screen.findByText('There is no message that was not handled.')).toBeTruthy();
  expect(resend).toHaveBeenCalledTimes(1);
  await settled();
});

test('a user who is not an operator sees a message', async () => {
  const refused = json({ code: 'operator_only', detail: '', status: 403 }, 403);
  const { settled } = renderView(<OperatorScreen />, { answers: { '/jobs/dead-letter': refused, '/messages/dead-letter': refused } });
  expect(await screen.findAllByText('This is for operators of the installation.')).toHaveLength(2);
  await settled();
});

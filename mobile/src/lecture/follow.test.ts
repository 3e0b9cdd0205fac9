import { createApi } from '../api/client';
import type { Clock } from '../api/send';
import { type Update, follow } from './follow';

const progress = (overallStatus: string, percent = 0) => ({
  lectureId: 'l', overallStatus, percent, estimatedSecondsLeft: null, error: null, warnings: [], stages: [],
});

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const events = (...texts: string[]) =>
  new Response(new Blob(texts).stream(), { headers: { 'Content-Type': 'text/event-stream' } });

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

const problem = (status: number, code: string) => json(status, { code, detail: '', status, requestId: 'r' });

/** Runs `follow` against answers by path, each list in turn; `null` is a lost network. */
async function followed(streams: (Response | null)[], polls: (Response | null)[] = [], most = 40) {
  const asked: string[] = [];
  const waits: number[] = [];
  const abort = new AbortController();
  const clock: Clock = { now: () => 0, random: () => 1, sleep: async (ms) => void waits.push(ms) };
  const fetcher = (async (url: string) => {
    const kind = url.endsWith('/stream') ? 'stream' : 'poll';
    asked.push(kind);
    if (asked.length > most) throw new Error('asks without end');
    const answer = (kind === 'stream' ? streams : polls).shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  }) as unknown as typeof fetch;
  const api = createApi({ baseUrl: 'https://api.test', fetch: fetcher, clock });
  const updates: Update[] = [];
  for await (const update of follow(api, 'l', abort.signal)) updates.push(update);
  return { updates, asked, waits };
}

const kinds = (updates: readonly Update[]) =>
  updates.map((update) => (update.kind === 'progress' ? `${update.progress.percent}${update.live ? ' live' : ''}` : update.kind));

test('a stream is read to the end, however it is cut', async () => {
  const text = `: alive\n\n${event('progress', progress('in_progress', 10))}${event('progress', progress('completed', 100))}`;
  const { updates, asked } = await followed([events(...text.match(/.{1,7}/gs) ?? [])]);
  expect(kinds(updates)).toEqual(['10 live', '100 live']);
  expect(asked).toEqual(['stream']);
});

test('a stream that the server closes is opened again, after a pause', async () => {
  const { updates, waits } = await followed([
    events(event('progress', progress('in_progress', 10))),
    events(event('progress', progress('failed', 20))),
  ]);
  expect(kinds(updates)).toEqual(['10 live', '20 live']);
  expect(waits).toEqual([1000]);
});

test('where there is no room for streams the progress is polled', async () => {
  const polls = [json(200, progress('in_progress', 10)), json(200, progress('completed', 100))];
  const { updates, asked } = await followed([problem(503, 'streams_busy')], polls);
  expect(kinds(updates)).toEqual(['10', '100']);
  expect(asked).toEqual(['stream', 'poll', 'poll']);
});

test('the stream is tried again after some polls', async () => {
  const polls = Array.from({ length: 10 }, (_, index) => json(200, progress('in_progress', index)));
  const { updates, asked } = await followed(
    [problem(503, 'streams_busy'), events(event('progress', progress('completed', 100)))],
    polls,
  );
  expect(asked.lastIndexOf('stream')).toBe(11);
  expect(kinds(updates).at(-1)).toBe('100 live');
});

test('a lost network is waited out with growing waits', async () => {
  const { updates, waits } = await followed([null, null, events(event('progress', progress('completed', 100)))]);
  expect(kinds(updates)).toEqual(['trouble', 'trouble', '100 live']);
  expect(waits).toEqual([1000, 2000]);
});

test('a deleted lecture ends it, by event or by status', async () => {
  expect(kinds((await followed([events(event('gone', {}))])).updates)).toEqual(['gone']);
  expect(kinds((await followed([problem(404, 'not_found')])).updates)).toEqual(['gone']);
});

test('what does not pass is raised', async () => {
  await expect(followed([problem(403, 'email_not_allowed')])).rejects.toMatchObject({ code: 'email_not_allowed' });
});

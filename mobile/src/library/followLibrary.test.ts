import { createApi, type Lecture, type Schema } from '../api/client';
import type { Clock } from '../api/send';
import { type LecturesPage, type LibraryUpdate, followLibrary, updated } from './followLibrary';

const event = (name: string, data: unknown, id: string) => `event: ${name}\ndata: ${JSON.stringify(data)}\nid: ${id}\n\n`;

const events = (...texts: string[]) =>
  new Response(new Blob(texts).stream(), { headers: { 'Content-Type': 'text/event-stream' } });

const problem = (status: number, code: string) =>
  new Response(JSON.stringify({ code, detail: '', status, requestId: 'r' }), { status });

const lecture = (change: Partial<Lecture>): Schema<'LectureEvent'> =>
  ({ lectureId: 'l1', lectureKey: 'k1', title: 'Hashing', createdAt: '2026-03-02T10:00:00Z', restrictedAt: null, ...change }) as Schema<'LectureEvent'>;

/** Runs it against streams in turn, `null` being a lost network, until there is none left. */
async function followed(streams: (Response | null)[], lastId = '') {
  const abort = new AbortController();
  const asked: (string | undefined)[] = [];
  const waits: number[] = [];
  const lives: boolean[] = [];
  const clock: Clock = { now: () => 0, random: () => 1, sleep: async (ms) => void waits.push(ms) };
  const fetcher = (async (url: string, request: RequestInit) => {
    expect(url).toBe('https://api.test/events');
    const answer = streams.shift();
    if (answer === undefined) abort.abort();
    else asked.push((request.headers as Record<string, string>)['Last-Event-ID']);
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  }) as unknown as typeof fetch;
  const api = createApi({ baseUrl: 'https://api.test', fetch: fetcher, clock });
  const updates: LibraryUpdate[] = [];
  const position = { lastId };
  for await (const update of followLibrary(api, abort.signal, { position, setLive: (live) => void lives.push(live) })) {
    updates.push(update);
  }
  return { updates, asked, waits, lives, position };
}

describe('following', () => {
  test('a stream is read however it is cut, and what is not known is ignored', async () => {
    const text = [
      'retry: 2000\n\n',
      event('reset', {}, 'a'),
      event('lecture', lecture({}), 'a'),
      event('new in a later version', {}, 'b'),
      event('deleted', { lectureKey: 'k2' }, 'c'),
    ].join('');
    const { updates, position } = await followed([events(...(text.match(/.{1,7}/gs) ?? []))]);
    expect(updates).toEqual([
      { kind: 'reset' },
      { kind: 'lecture', lecture: lecture({}) },
      { kind: 'deleted', lectureKey: 'k2' },
    ]);
    expect(position.lastId).toBe('c');
  });

  test('the next stream resumes behind the last event, also behind one without data', async () => {
    const { asked, waits, lives } = await followed([
      events(event('reset', {}, 'a'), ': still here\nid: b\n\n'),
      events(': still here\n\n'),
      events(event('deleted', { lectureKey: 'k' }, 'c')),
      events(),
    ]);
    expect(asked).toEqual([undefined, 'b', 'b', 'c']);
    expect(waits.slice(0, 3)).toEqual([1000, 1000, 1000]);
    expect(lives).toEqual([true]);
  });

  test('an event that was not taken is asked for again', async () => {
    const position = { lastId: '' };
    const text = event('reset', {}, 'a') + event('deleted', { lectureKey: 'k' }, 'b');
    const fetcher = (async () => events(text)) as unknown as typeof fetch;
    const api = createApi({ baseUrl: 'https://api.test', fetch: fetcher });
    let taken = 0;
    for await (const update of followLibrary(api, new AbortController().signal, { position, setLive: () => undefined })) {
      taken += 1;
      if (update.kind === 'deleted') break;
    }
    expect(taken).toBe(2);
    expect(position.lastId).toBe('a');
  });

  test('an earlier follower is continued', async () => {
    expect((await followed([events()], 'z')).asked).toEqual(['z']);
  });

  test('without room it is polled, and the stream tried again later', async () => {
    const { waits, lives, updates } = await followed([problem(503, 'streams_busy'), events(event('reset', {}, 'a'))]);
    expect(waits[0]).toBe(30_000);
    expect(lives).toEqual([true]);
    expect(updates).toEqual([{ kind: 'reset' }]);
  });

  test('a lost network is reported once and waited out with growing waits', async () => {
    const { waits, lives } = await followed([events(), null, null, events()]);
    expect(waits.slice(0, 3)).toEqual([1000, 1000, 2000]);
    expect(lives).toEqual([true, false, true]);
  });

  test('a server without such streams is not asked again', async () => {
    expect((await followed([problem(404, 'not_found'), events()])).asked).toHaveLength(1);
  });
});

describe('the list', () => {
  const page = (lectures: readonly Lecture[], nextCursor: string | null = null) =>
    ({ lectures, pagination: { nextCursor } }) as unknown as LecturesPage;
  const first = lecture({ lectureId: 'l2', lectureKey: 'k2', createdAt: '2026-03-03T10:00:00Z' });
  const second = lecture({});
  const shown = (pages: readonly LecturesPage[] | null) =>
    pages?.map((each) => each.lectures.map(({ lectureKey, title }) => `${lectureKey} ${title}`));

  test('a changed lecture takes its own place', () => {
    const pages = updated([page([first], 'c'), page([second])], { kind: 'lecture', lecture: lecture({ title: 'Trees' }) });
    expect(shown(pages)).toEqual([['k2 Hashing'], ['k1 Trees']]);
  });

  test('a deleted or restricted lecture goes', () => {
    expect(shown(updated([page([first, second])], { kind: 'deleted', lectureKey: 'k2' }))).toEqual([['k1 Hashing']]);
    const restricted = lecture({ restrictedAt: '2026-03-04T10:00:00Z' });
    expect(shown(updated([page([first, second])], { kind: 'lecture', lecture: restricted }))).toEqual([['k2 Hashing']]);
  });

  test('a lecture of the same name is another one', () => {
    const again = lecture({ lectureKey: 'k9', createdAt: '2026-03-05T10:00:00Z' });
    expect(updated([page([second])], { kind: 'lecture', lecture: again })).toBeNull();
  });

  test('a new lecture has the list read again, one on a page that is not loaded does not', () => {
    const older = lecture({ lectureKey: 'k0', createdAt: '2026-01-01T00:00:00Z' });
    expect(updated([page([])], { kind: 'lecture', lecture: older })).toBeNull();
    expect(updated([page([first])], { kind: 'lecture', lecture: older })).toBeNull();
    expect(shown(updated([page([first], 'c')], { kind: 'lecture', lecture: older }))).toEqual([['k2 Hashing']]);
  });
});

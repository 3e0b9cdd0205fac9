import fc from 'fast-check';

import { createApi, dataOf } from './client';
import { EventParser } from './events';
import { ApiProblem, NetworkFailure, retryAfterSec } from './problem';
import { nextWaitMs } from './retry';
import { type Clock, byFetch } from './send';

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** Answers in turn; the last one for every further request. `null` is a lost network. */
function server(answers: readonly (Response | null)[]) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    random: () => 1,
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  };
  const fetcher = (async (url: string, init: RequestInit) => {
    sent.push({
      url,
      method: init.method ?? 'GET',
      headers: init.headers as Record<string, string>,
      body: (init.body as string | undefined) ?? null,
    });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (!answer) throw new TypeError('Failed to fetch');
    return answer.clone();
  }) as unknown as typeof fetch;
  return { sent, waits, clock, fetch: fetcher };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  json(status, { type: '', title: '', status, detail: 'Why.', code, requestId: 'r-1' }, headers);

const courses = json(200, { courses: [], pagination: {} });

const listing = (peer: ReturnType<typeof server>, token?: (fresh: boolean) => Promise<string | null>) => {
  const api = createApi({ baseUrl: 'https://api.test', ...peer, ...(token ? { token } : {}) });
  return { api, list: () => dataOf(api.client.GET('/courses'), peer.clock.now()) };
};

test('a problem document becomes an error with its code, request and fields', async () => {
  const { list } = listing(server([problem(404, 'not_found')]));
  await expect(list()).rejects.toMatchObject({ status: 404, code: 'not_found', detail: 'Why.', requestId: 'r-1' });
});

test('a proxy without a problem document is known by its status', async () => {
  const { list } = listing(server([new Response('<html>', { status: 400, headers: { 'X-Request-Id': 'r-2' } })]));
  await expect(list()).rejects.toMatchObject({ code: 'http_400', requestId: 'r-2' });
});

test('a read is repeated after a lost network and after Retry-After', async () => {
  const peer = server([null, problem(429, 'rate_limited', { 'Retry-After': '2' }), courses]);
  await listing(peer).list();
  expect(peer.waits).toEqual([400, 2000]);
});

test('a wait that is too long for a person is reported instead', async () => {
  const peer = server([problem(429, 'rate_limited', { 'Retry-After': '600' }), courses]);
  await expect(listing(peer).list()).rejects.toMatchObject({ retryAfterSec: 600 });
  expect(peer.sent).toHaveLength(1);
});

test('a lost network is a failure of its own kind', async () => {
  await expect(listing(server([null])).list()).rejects.toBeInstanceOf(NetworkFailure);
});

test('a write has one idempotency key however often it is sent', async () => {
  const peer = server([null, problem(503, 'unavailable'), json(201, { lectureId: 'l' })]);
  const { api } = listing(peer);
  await dataOf(api.client.POST('/lectures/ingest', { body: { courseId: 'c' } as never }), 0);
  const keys = peer.sent.map((request) => request.headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(keys).size).toBe(1);
  expect(peer.sent.map((request) => request.body)).toEqual(Array(3).fill('{"courseId":"c"}'));
});

test("the caller's key is kept", async () => {
  const peer = server([json(201, { lectureId: 'l' })]);
  const { api } = listing(peer);
  const params = { header: { 'Idempotency-Key': 'mine' } };
  await dataOf(api.client.POST('/lectures/ingest', { params, body: { courseId: 'c' } as never }), 0);
  expect(peer.sent[0]?.headers['idempotency-key']).toBe('mine');
});

test('an ETag saves the body: 304 is answered from the copy', async () => {
  const first = json(200, { courses: [], pagination: { total: 7 } }, { ETag: '"1"' });
  const peer = server([first, new Response(null, { status: 304 })]);
  const { list } = listing(peer);
  const copy = await list();
  expect(await list()).toEqual(copy);
  expect(peer.sent[0]?.headers['If-None-Match']).toBeUndefined();
  expect(peer.sent[1]?.headers['If-None-Match']).toBe('"1"');
});

test('a 401 is answered with a fresh token, once', async () => {
  const peer = server([problem(401, 'unauthorized'), courses]);
  const asked: boolean[] = [];
  await listing(peer, async (fresh) => (asked.push(fresh), fresh ? 'new' : 'old')).list();
  expect(asked).toEqual([false, true]);
  expect(peer.sent.map((request) => request.headers['Authorization'])).toEqual(['Bearer old', 'Bearer new']);

  const refused = server([problem(401, 'unauthorized')]);
  await expect(listing(refused, async () => 'any').list()).rejects.toBeInstanceOf(ApiProblem);
  expect(refused.sent).toHaveLength(2);
});

test('an aborted request is no lost network', async () => {
  const abort = new AbortController();
  abort.abort(new Error('left'));
  const failing = byFetch((async () => Promise.reject(new Error('left'))) as unknown as typeof fetch);
  const call = { url: '', method: 'GET', headers: {}, body: null, signal: abort.signal };
  await expect(failing(call)).rejects.not.toBeInstanceOf(NetworkFailure);
});

test('Retry-After is seconds or a date', () => {
  expect(retryAfterSec('12', 0)).toBe(12);
  expect(retryAfterSec('Thu, 01 Jan 1970 00:01:00 GMT', 30_000)).toBe(30);
  expect(retryAfterSec('soon', 0)).toBeNull();
  expect(retryAfterSec(null, 0)).toBeNull();
});

test('what cannot be repeated, or does not pass, is never sent again', () => {
  const policy = { attempts: 9, firstWaitMs: 100, longestWaitMs: 1_000 };
  const passing = new NetworkFailure('');
  const lasting = new ApiProblem(422, 'invalid_request', '', null, null, []);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), (sent, jitter) => {
      expect(nextWaitMs({ failure: passing, repeatable: false, sent }, policy, jitter)).toBeNull();
      expect(nextWaitMs({ failure: lasting, repeatable: true, sent }, policy, jitter)).toBeNull();
      const wait = nextWaitMs({ failure: passing, repeatable: true, sent }, policy, jitter);
      if (sent >= policy.attempts) expect(wait).toBeNull();
      else expect(wait).toBeLessThanOrEqual(policy.longestWaitMs);
    }),
  );
});

test('events are the same however the stream is cut', () => {
  const ending = fc.constantFrom('\n', '\r\n', '\r');
  const data = fc.stringMatching(/^[^\r\n]{0,20}$/);
  const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,9}$/);
  const event = fc.record({
    name: fc.constantFrom('progress', 'end', 'gone'),
    lines: fc.array(data, { maxLength: 3 }),
    id: fc.option(id),
  });
  fc.assert(
    fc.property(fc.array(event), ending, fc.array(fc.nat(12)), (events, eol, cuts) => {
      const text = events
        .map(({ name, lines, id: own }) =>
          [
            ': alive',
            `event: ${name}`,
            ...lines.map((line) => `data: ${line}`),
            ...(own === null ? [] : [`id: ${own}`]),
            '',
            '',
          ].join(eol),
        )
        .join('');
      // An id is that of all events until the next one; a block without data is no event, and may have an id.
      let last = '';
      const meant = events.flatMap(({ name, lines, id: own }) => {
        last = own ?? last;
        return lines.length === 0 ? [] : [{ event: name, data: lines.join('\n'), id: last }];
      });
      const parser = new EventParser();
      const found = [];
      let rest = text;
      for (const cut of cuts) {
        found.push(...parser.push(rest.slice(0, cut)));
        rest = rest.slice(cut);
      }
      found.push(...parser.push(rest), ...parser.push(': end\n'));
      expect(found).toEqual(meant);
      expect(parser.lastId).toBe(last);
    }),
  );
});

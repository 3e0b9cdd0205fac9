import { createApi } from '../api/client';
import { until } from '../testing/until';
import { newUpload } from './machine';
import { FileUnreadable, type FileSource, type NetworkMonitor, type StorageRequest } from './ports';
import { UploadQueue } from './queue';
import type { Network, Upload } from './types';

const SIZE = 3 * 1024 * 1024;

const upload = (id: string): Upload =>
  newUpload({
    id,
    server: 'https://api.test',
    announceKey: `key-${id}`,
    file: { size: SIZE, contentType: 'audio/webm' },
    target: { courseId: 'c', courseTitle: null, lectureId: id, title: null, presetId: 'exam' },
  });

const json = (body: unknown) => new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });

/** The API and storage, which take everything; what each upload has sent is counted. */
class World {
  readonly stored = new Map<string, Upload>();
  readonly received = new Map<string, number>();
  readonly order: string[] = [];
  network: Network = 'unmetered';
  sending = 0;
  atOnce = 0;
  private readonly listeners = new Set<() => void>();
  readonly defects: unknown[] = [];
  unreadable = false;
  /** What came to the route of marks; it answers once for each of `refusals`, and then takes them. */
  readonly marked: { readonly id: string; readonly key: string | null; readonly body: unknown }[] = [];
  refusals: number[] = [];

  readonly api = createApi({
    baseUrl: 'https://api.test',
    fetch: (async (address: string, init: RequestInit) => {
      const path = new URL(address).pathname;
      if (path === '/lectures/ingest') {
        const { lectureId } = JSON.parse(String(init.body)) as { lectureId: string };
        return json({ lectureId, upload: { url: `https://storage.test/${lectureId}`, method: 'POST', headers: {} } });
      }
      const id = path.split('/')[2] ?? '';
      if (path.endsWith('/marks')) {
        const key = new Headers(init.headers).get('Idempotency-Key');
        this.marked.push({ id, key, body: JSON.parse(String(init.body)) });
        const status = this.refusals.shift();
        if (status !== undefined) {
          return new Response(JSON.stringify({ code: 'x', detail: '', status }), { status, headers: { 'Content-Type': 'application/json' } });
        }
        return json({ lectureId: id, marks: [], jobId: null });
      }
      const whole = this.received.get(id) === SIZE;
      return json({ lectureId: id, courseId: 'c', status: whole ? 'uploaded' : 'awaiting_upload', audioBytes: whole ? SIZE : null });
    }) as unknown as typeof fetch,
  });

  readonly monitor: NetworkMonitor = {
    current: () => this.network,
    subscribe: (changed) => {
      this.listeners.add(changed);
      return () => this.listeners.delete(changed);
    },
  };

  readonly file: FileSource = { size: SIZE, slice: async (_, length) => new Uint8Array(length) };

  setNetwork(network: Network) {
    this.network = network;
    this.listeners.forEach((changed) => changed());
  }

  async request({ method, url, headers, body, signal }: StorageRequest) {
    const id = url.split('/').at(-1) ?? '';
    if (method === 'POST') return answer(201, { Location: `https://storage.test/session/${id}` });
    this.sending += 1;
    this.atOnce = Math.max(this.atOnce, this.sending);
    try {
      await new Promise((done) => setTimeout(done, 1));
      signal.throwIfAborted();
      const range = /^bytes (\d+)-(\d+)/.exec(headers['Content-Range'] ?? '');
      if (range !== null && body !== null) {
        this.order.push(id);
        this.received.set(id, Number(range[2]) + 1);
      }
      const got = this.received.get(id) ?? 0;
      return got === SIZE ? answer(200, {}) : answer(308, got > 0 ? { Range: `bytes=0-${got - 1}` } : {});
    } finally {
      this.sending -= 1;
    }
  }

  queue() {
    return new UploadQueue({
      store: {
        all: async () => [...this.stored.values()],
        put: async (each) => void this.stored.set(each.id, each),
        delete: async (id) => void this.stored.delete(id),
      },
      storage: this,
      network: this.monitor,
      clock: { now: () => Date.now(), random: () => 0, sleep: async () => undefined },
      file: async () => {
        if (this.unreadable) throw new FileUnreadable('gone');
        return this.file;
      },
      api: () => this.api,
      changed: () => undefined,
      defect: (error) => this.defects.push(error),
    });
  }
}

const answer = (status: number, headers: Record<string, string>) => ({ status, header: (name: string) => headers[name] ?? null });

const phases = (queue: UploadQueue) => queue.get().map((item) => item.upload.phase);

test('several uploads are confirmed; one sends at a time, the oldest first', async () => {
  const world = new World();
  const queue = world.queue();
  await queue.start();
  for (const id of ['a', 'b', 'c']) await queue.add(upload(id));
  await until(() => phases(queue).every((phase) => phase === 'confirmed'));
  expect(world.atOnce).toBe(1);
  expect(world.order.filter((id, index) => id !== world.order[index - 1])).toEqual(['a', 'b', 'c']);
  expect([...world.stored.values()].map((each) => each.phase)).toEqual(['confirmed', 'confirmed', 'confirmed']);
  expect(world.defects).toEqual([]);
});

test('nothing is sent without a network, nor over a metered one if the student says so', async () => {
  const world = new World();
  world.network = 'offline';
  const queue = world.queue();
  queue.setWifiOnly(true);
  await queue.start();
  await queue.add(upload('a'));
  await until(() => queue.get()[0]?.blocked === 'offline');
  world.setNetwork('metered');
  await until(() => queue.get()[0]?.blocked === 'waiting_for_wifi');
  expect(world.received.size).toBe(0);
  queue.setWifiOnly(false);
  await until(() => phases(queue)[0] === 'confirmed');
});

test('what was stored goes on in the next start, from where the server is', async () => {
  const world = new World();
  const sent = { ...upload('a'), phase: 'send' as const, crc32c: 'AAAAAA==', session: 'https://storage.test/session/a', offset: 262_144 };
  world.stored.set('a', sent);
  world.received.set('a', 1_048_576);
  const queue = world.queue();
  await queue.start();
  await until(() => phases(queue)[0] === 'confirmed');
  expect(world.received.get('a')).toBe(SIZE);
});

const MARKS = { marks: [{ atSec: 3, label: null }, { atSec: 12.5, label: null }] };

test('marks are sent before the recording, and again with the same key until they have arrived', async () => {
  const world = new World();
  world.refusals = [503];
  const queue = world.queue();
  await queue.start();
  await queue.add({ ...upload('a'), marks: [3, 12.5] });
  await until(() => world.marked.length > 0);
  expect(world.received.size).toBe(0);
  await until(() => phases(queue)[0] === 'confirmed');
  const sent = { id: 'a', key: 'key-a-marks', body: MARKS };
  expect(world.marked.length).toBeGreaterThan(1);
  expect(world.marked.filter((each) => JSON.stringify(each) !== JSON.stringify(sent))).toEqual([]);
  expect(queue.get()[0]?.upload.marks).toEqual([]);
});

test('marks that the server refuses hold no recording up', async () => {
  const world = new World();
  world.refusals = [409];
  const queue = world.queue();
  await queue.start();
  await queue.add({ ...upload('a'), marks: [3, 12.5] });
  await until(() => phases(queue)[0] === 'confirmed');
  expect(world.marked).toHaveLength(1);
});

test('marks of an upload whose announcement was answered before a crash are sent after it', async () => {
  const world = new World();
  world.stored.set('a', { ...upload('a'), marks: [3], phase: 'verify', crc32c: 'AAAAAA==' });
  world.received.set('a', SIZE);
  const queue = world.queue();
  await queue.start();
  await until(() => phases(queue)[0] === 'confirmed');
  expect(world.marked.map(({ body }) => body)).toEqual([{ marks: [{ atSec: 3, label: null }] }]);
});

test('an upload that an earlier version has stored has no marks', async () => {
  const world = new World();
  const { marks: _, ...earlier } = upload('a');
  world.stored.set('a', earlier);
  const queue = world.queue();
  await queue.start();
  await until(() => phases(queue)[0] === 'confirmed');
  expect(world.marked).toEqual([]);
});

test('a removed upload stops and is stored no more', async () => {
  const world = new World();
  const queue = world.queue();
  await queue.start();
  await queue.add(upload('a'));
  await until(() => (world.received.get('a') ?? 0) > 0);
  await queue.remove('a');
  const at = world.received.get('a') ?? 0;
  await new Promise((done) => setTimeout(done, 20));
  expect(queue.get()).toEqual([]);
  expect(world.stored.size).toBe(0);
  // What was under way may still arrive; nothing follows it.
  expect((world.received.get('a') ?? 0) - at).toBeLessThanOrEqual(2 * 1024 * 1024);
  expect(world.defects).toEqual([]);
});

test('a file that cannot be read fails the upload, and is opened anew by a retry', async () => {
  const world = new World();
  world.unreadable = true;
  const queue = world.queue();
  await queue.start();
  await queue.add(upload('a'));
  await until(() => phases(queue)[0] === 'failed');
  expect(queue.get()[0]?.upload.failure?.code).toBe('file_unreadable');
  world.unreadable = false;
  queue.dispatch('a', { kind: 'retry', announceKey: 'key-2' });
  await until(() => phases(queue)[0] === 'confirmed');
});

test('pausing one upload lets the others go on', async () => {
  const world = new World();
  const queue = world.queue();
  await queue.start();
  await queue.add(upload('a'));
  queue.dispatch('a', { kind: 'pause' });
  await queue.add(upload('b'));
  await until(() => phases(queue)[1] === 'confirmed');
  expect(queue.get()[0]?.blocked).toBe('paused');
  queue.dispatch('a', { kind: 'resume' });
  await until(() => phases(queue)[0] === 'confirmed');
});

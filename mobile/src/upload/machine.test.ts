import fc from 'fast-check';

import { begin, newUpload, restore, step } from './machine';
import { LARGEST_PIECE, QUANTUM } from './pieces';
import type { Fault } from './testing/fake-server';
import { MARKS, Simulation, type Surprise, type Turn } from './testing/simulation';

const UNDISTURBED = 40;

const size = fc.oneof(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 12 }).map((quanta) => quanta * QUANTUM),
  fc.integer({ min: 1, max: 12 * QUANTUM }),
);

const passingFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fault>({ kind: 'none' }) },
  fc.constantFrom<Fault>(
    { kind: 'lost_request' },
    { kind: 'lost_answer' },
    { kind: 'sessions_lost' },
    { kind: 'urls_expired' },
    { kind: 'busy', retryAfterSec: null },
    { kind: 'busy', retryAfterSec: 120 },
  ),
  fc.integer({ min: 0, max: 4 }).map<Fault>((quanta) => ({ kind: 'kept_in_part', quanta })),
  fc.integer({ min: 1, max: 4 }).map<Fault>((quanta) => ({ kind: 'rolled_back', quanta })),
);

const surprise: fc.Arbitrary<Surprise> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Surprise>({ kind: 'answer' }) },
  fc.boolean().map<Surprise>((done) => ({ kind: 'killed', done })),
  fc.boolean().map<Surprise>((done) => ({ kind: 'paused', done })),
  fc
    .tuple(fc.constantFrom('offline', 'metered', 'unmetered'), fc.boolean())
    .map<Surprise>(([network, done]) => ({ kind: 'network', network, done }) as Surprise),
);

const turns = (fault: fc.Arbitrary<Fault>): fc.Arbitrary<Turn[]> =>
  fc.array(fc.record({ fault, surprise }), { maxLength: 30 });

describe('an upload against a server that fails at every step', () => {
  test('is confirmed, whole and once, as soon as the faults end', () => {
    fc.assert(
      fc.property(size, fc.boolean(), fc.nat(3), turns(passingFault), (bytes, wifiOnly, delay, script) => {
        const simulation = new Simulation(bytes, wifiOnly, delay);
        simulation.run(script, UNDISTURBED);
        const { server } = simulation;
        expect(server.accepted?.length).toBe(bytes);
        expect(server.finished).toHaveLength(1);
        expect(server.announcements).toBe(1);
        expect([...server.marks]).toEqual(MARKS);
        expect(simulation.retries).toBe(0);
        expect(simulation.forbidden).toEqual([]);
        expect(server.largestPiece).toBeLessThanOrEqual(LARGEST_PIECE);
      }),
      { numRuns: 300 },
    );
  });

  test('is not confirmed damaged: the user is asked, and a second try succeeds', () => {
    const fault = fc.oneof(passingFault, fc.constant<Fault>({ kind: 'damaged' }));
    fc.assert(
      fc.property(size, fc.boolean(), fc.nat(3), turns(fault), (bytes, wifiOnly, delay, script) => {
        const simulation = new Simulation(bytes, wifiOnly, delay);
        simulation.run(script, 2 * UNDISTURBED);
        const { server } = simulation;
        expect(server.accepted?.length).toBe(bytes);
        expect(server.announcements).toBe(simulation.retries + 1);
        expect([...server.marks]).toEqual(MARKS);
      }),
      { numRuns: 200 },
    );
  });

  test('sends nothing twice without a fault', () => {
    fc.assert(
      fc.property(size, (bytes) => {
        const simulation = new Simulation(bytes, false, 0);
        simulation.run([], UNDISTURBED);
        const { requests } = simulation.server;
        expect(requests.slice(0, 4)).toEqual(['checksum', 'announce', 'mark', 'start']);
        expect(requests.filter((kind) => kind === 'mark')).toHaveLength(1);
        expect(requests).not.toContain('ask');
        expect(requests.filter((kind) => kind === 'verify')).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });
});

test.each(['lost_request', 'lost_answer', 'sessions_lost', 'urls_expired'] as const)(
  'a single %s at any request is survived',
  (kind) => {
    const clean = new Simulation(10 * QUANTUM + 1, false, 1);
    clean.run([], UNDISTURBED);
    for (let at = 0; at < clean.server.requests.length; at += 1) {
      const simulation = new Simulation(10 * QUANTUM + 1, false, 1);
      const none: Turn = { fault: { kind: 'none' }, surprise: { kind: 'answer' } };
      simulation.run([...Array<Turn>(at).fill(none), { fault: { kind }, surprise: { kind: 'answer' } }], UNDISTURBED);
      expect(simulation.server.accepted?.length).toBe(10 * QUANTUM + 1);
      expect(simulation.server.finished).toHaveLength(1);
    }
  },
);

test('after a restart the server is asked before anything is sent again', () => {
  const clean = new Simulation(10 * QUANTUM, false, 1);
  clean.run([], UNDISTURBED);
  const sends = clean.server.requests.flatMap((kind, at) => (kind === 'send' ? [at] : []));
  expect(sends.length).toBeGreaterThan(1);
  for (const at of sends) {
    for (const done of [true, false]) {
      const simulation = new Simulation(10 * QUANTUM, false, 1);
      const none: Turn = { fault: { kind: 'none' }, surprise: { kind: 'answer' } };
      simulation.run(
        [...Array<Turn>(at).fill(none), { fault: { kind: 'none' }, surprise: { kind: 'killed', done } }],
        UNDISTURBED,
      );
      // A request that was killed before it was sent is not among the server's.
      expect(simulation.server.requests[done ? at + 1 : at]).toBe('ask');
    }
  }
});

test('the result of a command that is not under way changes nothing', () => {
  const upload = newUpload({
    id: 'u',
    server: 'https://api.test',
    announceKey: 'k',
    file: { size: 5, contentType: 'audio/webm' },
    target: { courseId: 'c', courseTitle: null, lectureId: 'l', title: null, presetId: 'exam' },
  });
  const { machine } = begin(restore(upload, 'unmetered', false), 0);
  expect(machine.running).toBe(1);
  const made = step(machine, { kind: 'result', n: 7, result: { kind: 'complete' } }, 0, 0);
  expect(made.machine.upload).toEqual(machine.upload);
  expect(made).toMatchObject({ command: null, machine: { running: 1 } });
});

import { until } from '../testing/until';
import type { Microphone, MicrophoneEvents } from './microphone.web';
import { MicrophoneFailure } from './microphone.web';
import { WebRecorder } from './recorder.web';
import type { Recording, RecordingStore } from './types';

class FakeMicrophone implements Microphone {
  readonly contentType = 'audio/webm;codecs=opus';
  readonly calls: string[] = [];
  events: MicrophoneEvents | null = null;
  /** What is still to be delivered when it is stopped. */
  rest: string | null = null;

  record(_: number, events: MicrophoneEvents) {
    this.events = events;
  }
  pause() {
    this.calls.push('pause');
  }
  resume() {
    this.calls.push('resume');
  }
  async stop() {
    this.calls.push('stop');
    if (this.rest !== null) this.piece(this.rest);
  }
  level() {
    return 0.5;
  }
  close() {
    this.calls.push('close');
  }
  piece(text: string) {
    this.events?.piece(new Blob([text]));
  }
}

class FakeStore implements Partial<RecordingStore> {
  recording: Recording | null = null;
  text = '';
  full = false;

  async create(recording: Recording) {
    if (this.full) throw new Error('quota');
    this.recording = recording;
  }
  async append(_: string, data: ArrayBuffer, seconds: number) {
    // The first takes longest: pieces have to stay in order nevertheless.
    for (let wait = this.text === '' ? 5 : 0; wait > 0; wait -= 1) await Promise.resolve();
    if (this.full) throw new Error('quota');
    this.text += new TextDecoder().decode(data);
    this.recording = { ...(this.recording as Recording), bytes: this.text.length, seconds };
  }
  async update(_: string, change: Partial<Recording>) {
    this.recording = { ...(this.recording as Recording), ...change };
  }
  async delete() {
    this.recording = null;
  }
}

const started: WebRecorder[] = [];

afterEach(async () => {
  for (const recorder of started.splice(0)) await recorder.finish();
});

function setUp() {
  const microphone = new FakeMicrophone();
  const store = new FakeStore();
  const clock = { now: 0 };
  const locks = { held: false, changes: 0 };
  let failure: MicrophoneFailure | null = null;
  const recorder = new WebRecorder({
    recordings: store as unknown as RecordingStore,
    lock: async () => {
      if (locks.held) return null;
      locks.held = true;
      return () => (locks.held = false);
    },
    openMicrophone: async () => {
      if (failure !== null) throw failure;
      return microphone;
    },
    now: () => clock.now,
    changed: () => (locks.changes += 1),
  });
  started.push(recorder);
  return { recorder, microphone, store, clock, locks, refuse: (error: MicrophoneFailure) => (failure = error) };
}

test('pieces are stored as they come, in order, and the last one comes with the end', async () => {
  const { recorder, microphone, store, clock, locks } = setUp();
  await recorder.start();
  expect(store.recording).toMatchObject({ state: 'recording', contentType: 'audio/webm;codecs=opus', course: null });
  clock.now = 2_000;
  microphone.piece('one ');
  clock.now = 4_000;
  microphone.piece('two ');
  microphone.rest = 'three';
  clock.now = 5_000;
  const id = await recorder.finish();
  expect(store.text).toBe('one two three');
  expect(store.recording).toMatchObject({ id, state: 'finished', seconds: 5, bytes: 13 });
  expect(recorder.get()).toMatchObject({ status: 'idle', recordingId: null, failure: null });
  expect(locks.held).toBe(false);
  expect(microphone.calls).toEqual(['stop', 'close']);
});

test('pauses are no part of the length, and marks are at the moments that were heard', async () => {
  const { recorder, microphone, store, clock } = setUp();
  await recorder.start();
  clock.now = 10_000;
  recorder.pause();
  recorder.pause();
  clock.now = 70_000;
  recorder.resume();
  clock.now = 72_340;
  recorder.mark();
  microphone.rest = 'x';
  await recorder.finish();
  expect(store.recording).toMatchObject({ seconds: 12.34, marks: [12.3] });
  expect(microphone.calls).toEqual(['pause', 'resume', 'stop', 'close']);
});

test('a full disk ends the recording and keeps what was stored', async () => {
  const { recorder, microphone, store, locks } = setUp();
  await recorder.start();
  microphone.piece('kept');
  const { recordingId } = recorder.get();
  await until(() => store.text !== '');
  store.full = true;
  microphone.piece('lost');
  await until(() => recorder.get().recordingId === null);
  expect(recorder.get().failure).toBe('notSaved');
  expect(store.recording).toMatchObject({ id: recordingId, state: 'finished', bytes: 4 });
  expect(locks.held).toBe(false);
});

test('a microphone that is unplugged ends the recording and keeps it', async () => {
  const { recorder, microphone, store } = setUp();
  await recorder.start();
  microphone.piece('kept');
  microphone.events?.ended();
  await until(() => recorder.get().recordingId === null);
  expect(recorder.get().failure).toBe('disconnected');
  expect(store.recording).toMatchObject({ state: 'finished', bytes: 4 });
});

test('nothing recorded is no recording', async () => {
  const { recorder, store } = setUp();
  await recorder.start();
  expect(await recorder.finish()).toBeNull();
  expect(store.recording).toBeNull();
});

test.each(['denied', 'missing', 'unsupported'] as const)('without a microphone (%s) it says why', async (reason) => {
  const { recorder, store, locks, refuse } = setUp();
  refuse(new MicrophoneFailure(reason));
  await recorder.start();
  expect(recorder.get()).toMatchObject({ status: 'idle', failure: reason });
  expect(store.recording).toBeNull();
  expect(locks.held).toBe(false);
});

test('two presses start one recording, and another tab starts none meanwhile', async () => {
  const { recorder, microphone, store, locks } = setUp();
  await Promise.all([recorder.start(), recorder.start()]);
  const first = store.recording?.id;
  await recorder.start();
  expect(store.recording?.id).toBe(first);
  microphone.rest = 'x';
  await recorder.finish();
  locks.held = true;
  await recorder.start();
  expect(recorder.get().failure).toBe('elsewhere');
});

test('a store that is full from the beginning is said', async () => {
  const { recorder, store, microphone } = setUp();
  store.full = true;
  await recorder.start();
  expect(recorder.get()).toMatchObject({ status: 'idle', failure: 'notSaved' });
  expect(microphone.calls).toEqual(['close']);
});

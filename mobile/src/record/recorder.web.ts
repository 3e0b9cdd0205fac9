import { newId } from '../api/ids';
import { Observable } from '../app/observable';
import { type Microphone, MicrophoneFailure } from './microphone.web';
import { Stopwatch } from './stopwatch';
import type { Recorder, RecorderFailure, RecorderState, RecordingStore } from './types';

/** How much a crash may lose. */
const PIECE_MS = 2_000;
const REFRESH_MS = 100;
const LEVELS = 40;

export const RECORDING_LOCK = 'pegasus-recording';

export interface RecorderPorts {
  readonly recordings: RecordingStore;
  /** Resolves to what releases the lock; to null if another tab holds it. */
  lock(name: string): Promise<(() => void) | null>;
  openMicrophone(): Promise<Microphone>;
  /** Milliseconds that only grow. */
  now(): number;
  changed(): void;
}

const IDLE: RecorderState = {
  status: 'idle',
  recordingId: null,
  seconds: 0,
  marks: [],
  levels: Array<number>(LEVELS).fill(0),
  failure: null,
};

interface Session {
  readonly id: string;
  readonly microphone: Microphone;
  readonly stopwatch: Stopwatch;
  readonly release: () => void;
  readonly timer: ReturnType<typeof setInterval>;
  /** The last write; each waits for the one before, as bytes have to stay in order. */
  written: Promise<void>;
  bytes: number;
  failure: RecorderFailure | null;
}

/** Records with `MediaRecorder`, and stores each piece as it comes. */
export class WebRecorder implements Recorder {
  private readonly state = new Observable<RecorderState>(IDLE);
  private session: Session | null = null;
  private finishing: Promise<string | null> | null = null;

  readonly get = this.state.get;
  readonly subscribe = this.state.subscribe;

  constructor(private readonly ports: RecorderPorts) {}

  async start(): Promise<void> {
    if (this.get().status !== 'idle') return;
    this.state.set({ ...IDLE, status: 'starting' });
    const release = await this.ports.lock(RECORDING_LOCK);
    if (release === null) {
      this.state.set({ ...IDLE, failure: 'elsewhere' });
      return;
    }
    let microphone: Microphone | null = null;
    try {
      microphone = await this.ports.openMicrophone();
      await this.begin(microphone, release);
    } catch (error) {
      microphone?.close();
      release();
      this.state.set({ ...IDLE, failure: error instanceof MicrophoneFailure ? error.reason : 'notSaved' });
    }
  }

  private async begin(microphone: Microphone, release: () => void): Promise<void> {
    const { recordings, now, changed } = this.ports;
    const id = newId();
    await recordings.create({
      id,
      startedAt: new Date().toISOString(),
      contentType: microphone.contentType,
      course: null,
      title: null,
      seconds: 0,
      bytes: 0,
      marks: [],
      state: 'recording',
    });
    const session: Session = {
      id,
      microphone,
      stopwatch: new Stopwatch(now),
      release,
      timer: setInterval(() => this.measure(), REFRESH_MS),
      written: Promise.resolve(),
      bytes: 0,
      failure: null,
    };
    this.session = session;
    microphone.record(PIECE_MS, {
      piece: (data) => this.write(session, data),
      ended: () => {
        session.failure ??= 'disconnected';
        void this.finish();
      },
    });
    session.stopwatch.start();
    this.state.set({ ...IDLE, status: 'recording', recordingId: id });
    changed();
  }

  private write(session: Session, data: Blob): void {
    const seconds = session.stopwatch.seconds();
    session.written = session.written
      .then(async () => {
        if (session.failure === 'notSaved' || data.size === 0) return;
        await this.ports.recordings.append(session.id, await data.arrayBuffer(), seconds);
        session.bytes += data.size;
      })
      .catch(() => {
        session.failure = 'notSaved';
        void this.finish();
      });
  }

  pause(): void {
    if (this.session === null || this.get().status !== 'recording') return;
    this.session.microphone.pause();
    this.session.stopwatch.stop();
    this.show({ status: 'paused' });
  }

  resume(): void {
    if (this.session === null || this.get().status !== 'paused') return;
    this.session.microphone.resume();
    this.session.stopwatch.start();
    this.show({ status: 'recording' });
  }

  mark(): void {
    const { session } = this;
    if (session === null) return;
    const marks = [...this.get().marks, Math.floor(session.stopwatch.seconds() * 10) / 10];
    this.show({ marks });
    session.written = session.written
      .then(() => this.ports.recordings.update(session.id, { marks }))
      .catch(() => undefined); // The marks are written again at the end.
  }

  finish(): Promise<string | null> {
    this.finishing ??= this.finished().finally(() => {
      this.finishing = null;
    });
    return this.finishing;
  }

  private async finished(): Promise<string | null> {
    const { session } = this;
    if (session === null) return null;
    session.stopwatch.stop();
    this.show({ status: 'finishing' });
    await session.microphone.stop();
    await session.written;
    clearInterval(session.timer);
    session.microphone.close();
    const kept = session.bytes > 0;
    try {
      if (kept) await this.ports.recordings.update(session.id, { state: 'finished', marks: this.get().marks });
      else await this.ports.recordings.delete(session.id);
    } catch {
      session.failure = 'notSaved'; // It is found as an interrupted recording.
    }
    this.session = null;
    session.release();
    this.state.set({ ...IDLE, failure: session.failure });
    this.ports.changed();
    return kept ? session.id : null;
  }

  private measure(): void {
    if (this.session === null || this.get().status !== 'recording') return;
    this.show({ levels: [...this.get().levels.slice(1), this.session.microphone.level()] });
  }

  private show(change: Partial<RecorderState>): void {
    if (this.session === null) return;
    this.state.set({ ...this.get(), seconds: this.session.stopwatch.seconds(), ...change });
  }
}

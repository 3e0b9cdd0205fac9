import type { FileSource } from '../upload/ports';

export interface CourseChoice {
  readonly courseId: string;
  readonly title: string | null;
}

/** A recording on this device: recorded here, or a file that was chosen. */
export interface Recording {
  readonly id: string;
  readonly startedAt: string;
  readonly contentType: string;
  /** Null until the student has named it. */
  readonly course: CourseChoice | null;
  readonly title: string | null;
  /** Recorded seconds, pauses left out. 0 for a chosen file. */
  readonly seconds: number;
  readonly bytes: number;
  /** Seconds of the moments that the student marked. */
  readonly marks: readonly number[];
  /** `recording` while a recorder writes it; `interrupted` if the recorder ended without finishing it. */
  readonly state: 'recording' | 'interrupted' | 'finished';
}

export type RecordingChange = Partial<Omit<Recording, 'id' | 'bytes'>>;

/** Recordings with their bytes. A recording is written as it is made, so that a crash loses a few seconds at most. */
export interface RecordingStore {
  /** The newest first. */
  all(): Promise<readonly Recording[]>;
  create(recording: Recording): Promise<void>;
  /** Adds bytes at the end and updates `seconds` and `bytes`, both or neither. */
  append(id: string, data: ArrayBuffer, seconds: number): Promise<void>;
  /** Copies a chosen file in, so that it can be uploaded after a restart as well. */
  adopt(recording: Recording, file: Blob): Promise<void>;
  update(id: string, change: RecordingChange): Promise<void>;
  /** Deletes the recording with its bytes. */
  delete(id: string): Promise<void>;
  file(id: string): Promise<FileSource>;
}

/**
 * Why nothing is recorded: the microphone is not allowed, there is none, the browser cannot record, the device does not
 * store it, another tab records, or the microphone was disconnected.
 */
export type RecorderFailure = 'denied' | 'missing' | 'unsupported' | 'notSaved' | 'elsewhere' | 'disconnected';

export interface RecorderState {
  readonly status: 'idle' | 'starting' | 'recording' | 'paused' | 'finishing';
  readonly recordingId: string | null;
  readonly seconds: number;
  readonly marks: readonly number[];
  /** The level of the last seconds, 0 to 1 each, ten a second; the newest is the last. */
  readonly levels: readonly number[];
  /** Why the last recording did not start or ended. */
  readonly failure: RecorderFailure | null;
}

export interface Recorder {
  readonly get: () => RecorderState;
  readonly subscribe: (changed: () => void) => () => void;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  mark(): void;
  /** The finished recording's id once everything is stored; null if nothing was recorded. */
  finish(): Promise<string | null>;
}

import type { FileSource } from '../upload/ports';

/** A recording on this device: recorded here, or a file that was chosen. */
export interface Recording {
  readonly id: string;
  readonly startedAt: string;
  readonly contentType: string;
  readonly course: { readonly courseId: string; readonly title: string | null };
  readonly title: string | null;
  /** Recorded seconds, pauses left out. 0 for a chosen file. */
  readonly seconds: number;
  readonly bytes: number;
  /** Seconds of the moments that the student marked. */
  readonly marks: readonly number[];
  /** `recording` after a restart means that the recording was interrupted. */
  readonly state: 'recording' | 'finished';
}

/** Recordings with their bytes. A recording is written as it is made, so that a crash loses a few seconds at most. */
export interface RecordingStore {
  all(): Promise<readonly Recording[]>;
  create(recording: Recording): Promise<void>;
  /** Adds bytes at the end and updates `seconds` and `bytes`, both or neither. */
  append(id: string, data: ArrayBuffer, seconds: number): Promise<void>;
  /** Copies a chosen file in, so that it can be uploaded after a restart as well. */
  adopt(recording: Recording, file: Blob): Promise<void>;
  update(id: string, change: Partial<Omit<Recording, 'id' | 'bytes'>>): Promise<void>;
  /** Deletes the recording with its bytes. */
  delete(id: string): Promise<void>;
  file(id: string): Promise<FileSource>;
}

export type RecorderFailure = 'denied' | 'missing' | 'unsupported' | 'not_saved' | 'elsewhere';

export interface RecorderState {
  readonly status: 'idle' | 'starting' | 'recording' | 'paused' | 'finishing' | 'failed';
  readonly recordingId: string | null;
  readonly seconds: number;
  readonly marks: readonly number[];
  /** 0 to 1. */
  readonly level: number;
  readonly failure: RecorderFailure | null;
}

export interface Recorder {
  state(): RecorderState;
  subscribe(changed: () => void): () => void;
  start(course: Recording['course'], title: string | null): Promise<void>;
  pause(): void;
  resume(): void;
  mark(): void;
  /** The finished recording's id once everything is stored; null if nothing was recorded. */
  finish(): Promise<string | null>;
}

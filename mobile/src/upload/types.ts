import type { UploadTicket } from '../api/client';

/** Where an upload stands. It is stored, so that it survives a closed app; nothing else about an upload is. */
export interface Upload {
  /** That of the recording on this device. */
  readonly id: string;
  /** Address of the API that the lecture was announced to: it stays there when the settings change. */
  readonly server: string;
  readonly file: { readonly size: number; readonly contentType: string };
  readonly target: Target;
  /** Seconds that the student marked and the server does not have yet. Missing in what an earlier version has stored. */
  readonly marks?: readonly number[];
  /** The announcement's idempotency key: the same for every repetition of it. */
  readonly announceKey: string;
  readonly phase: Phase;
  readonly crc32c: string | null;
  readonly ticket: UploadTicket | null;
  /** Address of the resumable session. It authorizes writing the recording: it is never logged. */
  readonly session: string | null;
  /** Bytes that the server has confirmed. */
  readonly offset: number;
  readonly pieceBytes: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Time (ms) before which the next request is not sent. */
  readonly notBefore: number | null;
  readonly failure: Failure | null;
  readonly paused: boolean;
}

export interface Target {
  readonly courseId: string;
  readonly courseTitle: string | null;
  readonly lectureId: string;
  readonly title: string | null;
  readonly presetId: string;
}

/** The next thing to do, in the order of an undisturbed upload; the last two are final. */
export type Phase =
  | 'checksum'
  | 'announce'
  | 'mark'
  | 'renew'
  | 'start'
  | 'ask'
  | 'send'
  | 'verify'
  | 'confirmed'
  | 'failed';

export interface Failure {
  readonly code: string;
  readonly detail: string;
}

export type Network = 'offline' | 'metered' | 'unmetered';

/** A request to make or a file to read. `n` tells its result from that of a cancelled one. */
export type Command = { readonly n: number } & (
  | { readonly kind: 'checksum' }
  | { readonly kind: 'announce'; readonly key: string; readonly crc32c: string }
  | { readonly kind: 'mark'; readonly key: string; readonly marks: readonly number[] }
  | { readonly kind: 'renew' }
  | { readonly kind: 'start'; readonly ticket: UploadTicket }
  | { readonly kind: 'ask'; readonly session: string }
  | { readonly kind: 'send'; readonly session: string; readonly offset: number; readonly length: number }
  | { readonly kind: 'verify' }
);

export type Result =
  | { readonly kind: 'checksummed'; readonly crc32c: string }
  | { readonly kind: 'ticket'; readonly ticket: UploadTicket }
  /** The server has the marks, or refuses them for good. */
  | { readonly kind: 'marked' }
  | { readonly kind: 'started'; readonly session: string }
  /** The server has the bytes before `offset`. `ms`: how long the request took. */
  | { readonly kind: 'reached'; readonly offset: number; readonly ms: number }
  | { readonly kind: 'complete' }
  /** The session does not exist any more. */
  | { readonly kind: 'session_gone' }
  /** The signed URL was refused: it has expired. */
  | { readonly kind: 'expired' }
  /** The lecture has a recording, probably this one: its answer was lost. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'accepted'; readonly bytes: number }
  /** The server has not looked at the recording yet. */
  | { readonly kind: 'waiting' }
  /** It passes: lost network, timeout, 429, 5xx. */
  | { readonly kind: 'unreachable'; readonly retryAfterSec: number | null }
  /** It does not pass: refused by the API, storage or the file system. */
  | { readonly kind: 'refused'; readonly failure: Failure };

export type Event =
  | { readonly kind: 'result'; readonly n: number; readonly result: Result }
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'wifi_only'; readonly value: boolean }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** The user tries a failed upload again. */
  | { readonly kind: 'retry'; readonly announceKey: string }
  /** The time of a `wake` has come. */
  | { readonly kind: 'wake' };

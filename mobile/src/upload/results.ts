import { backoffMs } from '../api/retry';
import { pieceAfter, smaller } from './pieces';
import type { Result, Upload } from './types';

export type Outcome = Partial<Upload>;

export const UPLOAD_WAITS = { firstWaitMs: 1_000, longestWaitMs: 60_000 };
const VERIFY_WAITS = { firstWaitMs: 1_000, longestWaitMs: 15_000 };

/** A fresh URL that is refused this often in a row is not refused for its age. */
export const REFUSALS = 6;

/** What a command's result changes. */
export function afterResult(upload: Upload, result: Result, now: number, jitter: number): Outcome {
  const later = (outcome: Outcome, retryAfterSec: number | null = null): Outcome => {
    const failures = upload.failures + 1;
    const wait = Math.max(backoffMs(failures, UPLOAD_WAITS, jitter), (retryAfterSec ?? 0) * 1000);
    return { ...outcome, failures, notBefore: now + wait };
  };
  switch (result.kind) {
    case 'checksummed':
      return { crc32c: result.crc32c, phase: 'announce', failures: 0 };
    case 'ticket':
      // Failures are counted on: a fresh URL that is refused again is a failure in a row.
      return { ticket: result.ticket, phase: unmarked(upload) ? 'mark' : 'start', session: null, offset: 0 };
    case 'marked':
      return { marks: [], phase: upload.ticket === null ? 'confirmed' : 'start' };
    case 'started':
      return { session: result.session, ticket: null, phase: 'send', offset: 0 };
    case 'reached':
      return reached(upload, result.offset, result.ms, later);
    case 'complete':
      return { phase: 'verify', offset: upload.file.size, failures: 0 };
    case 'session_gone':
      return later({ phase: 'renew', session: null, ticket: null, offset: 0 });
    case 'expired':
      return upload.failures + 1 >= REFUSALS
        ? failed('upload_refused', 'Storage refuses the upload address.')
        : later({ phase: 'renew', ticket: null });
    case 'taken':
      return { phase: 'verify' };
    case 'accepted':
      return result.bytes === upload.file.size
        ? { phase: unmarked(upload) ? 'mark' : 'confirmed', offset: result.bytes, session: null, ticket: null, failures: 0 }
        : failed('conflict', 'The lecture has another recording.');
    case 'waiting': {
      const failures = upload.failures + 1;
      return { failures, notBefore: now + backoffMs(failures, VERIFY_WAITS, jitter) };
    }
    case 'unreachable':
      return later(
        upload.phase === 'send' ? { phase: 'ask', pieceBytes: smaller(upload.pieceBytes) } : {},
        result.retryAfterSec,
      );
    case 'refused':
      return failed(result.failure.code, result.failure.detail);
  }
}

/** Whether the server is still to be told what the student marked: as soon as the lecture is known to be this one. */
const unmarked = (upload: Upload) => (upload.marks ?? []).length > 0;

function reached(
  upload: Upload,
  offset: number,
  ms: number,
  later: (outcome: Outcome) => Outcome,
): Outcome {
  const { size } = upload.file;
  if (offset > size) return later({ phase: 'renew', session: null, offset: 0 }); // The session of another file.
  // Everything has arrived, but the object is not finished: asking finishes it.
  if (offset === size) return later({ phase: 'ask', offset });
  const asked = upload.phase === 'ask';
  // Where the server is, is where the upload goes on, be it behind what was known.
  const outcome: Outcome = { phase: 'send', offset };
  if (offset > upload.offset) {
    return { ...outcome, failures: 0, ...(asked ? {} : { pieceBytes: pieceAfter(upload.pieceBytes, ms) }) };
  }
  return asked ? outcome : later({ ...outcome, pieceBytes: smaller(upload.pieceBytes) });
}

function failed(code: string, detail: string): Outcome {
  return { phase: 'failed', failure: { code, detail }, session: null, ticket: null };
}

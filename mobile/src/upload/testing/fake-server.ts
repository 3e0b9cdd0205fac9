import { Crc32c } from '../crc32c';
import { QUANTUM } from '../pieces';
import type { Command, Result, Upload } from '../types';

/** What goes wrong with one request. */
export type Fault =
  | { readonly kind: 'none' }
  /** The request does not arrive. */
  | { readonly kind: 'lost_request' }
  /** The request is carried out; its answer does not arrive. */
  | { readonly kind: 'lost_answer' }
  | { readonly kind: 'busy'; readonly retryAfterSec: number | null }
  /** Of a piece only so many quanta are kept. */
  | { readonly kind: 'kept_in_part'; readonly quanta: number }
  /** Asked how far it came, storage has lost the last quanta. */
  | { readonly kind: 'rolled_back'; readonly quanta: number }
  /** Storage forgets all sessions before the request. */
  | { readonly kind: 'sessions_lost' }
  /** All signed URLs expire before the request. */
  | { readonly kind: 'urls_expired' }
  /** A bit of a piece is flipped on its way. */
  | { readonly kind: 'damaged' };

interface Session {
  received: Uint8Array;
  done: boolean;
}

/** The API and Cloud Storage as far as an upload sees them, without time and network. */
export class FakeServer {
  readonly requests: Command['kind'][] = [];
  /** Finished objects of the lecture, one at most unless it was announced again. */
  readonly finished: Uint8Array[] = [];
  announcements = 0;
  /** Of the lecture; one that is sent twice is one. */
  readonly marks = new Set<number>();
  largestPiece = 0;

  private status: 'unknown' | 'awaiting_upload' | 'accepted' | 'turned_away' = 'unknown';
  private keys = new Set<string>();
  private expected: string | null = null;
  private readonly tickets = new Set<string>();
  private sum: string | null = null;
  private readonly sessions = new Map<string, Session>();
  private object: Uint8Array | null = null;
  private verdictIn = 0;
  private made = 0;

  constructor(private readonly bytes: Uint8Array, private readonly notificationDelay: number) {}

  get accepted(): Uint8Array | null {
    return this.status === 'accepted' ? this.object : null;
  }

  answer(command: Command, upload: Upload, fault: Fault): Result {
    this.requests.push(command.kind);
    if (fault.kind === 'lost_request') return { kind: 'unreachable', retryAfterSec: null };
    if (fault.kind === 'busy') return { kind: 'unreachable', retryAfterSec: fault.retryAfterSec };
    if (fault.kind === 'sessions_lost') this.sessions.clear();
    if (fault.kind === 'urls_expired') this.tickets.clear();
    const result = this.done(command, upload, fault);
    return fault.kind === 'lost_answer' ? { kind: 'unreachable', retryAfterSec: null } : result;
  }

  private done(command: Command, upload: Upload, fault: Fault): Result {
    switch (command.kind) {
      case 'checksum':
        return { kind: 'checksummed', crc32c: (this.sum ??= new Crc32c().update(this.bytes).base64()) };
      case 'announce':
        return this.announce(command.key, command.crc32c);
      case 'mark':
        if (this.status === 'unknown') throw new Error('Marks of a lecture that was not announced.');
        command.marks.forEach((second) => this.marks.add(second));
        return { kind: 'marked' };
      case 'renew':
        if (this.status === 'unknown') return { kind: 'refused', failure: { code: 'not_found', detail: '' } };
        return this.status === 'awaiting_upload' ? this.ticket() : { kind: 'taken' };
      case 'start':
        return this.start(command.ticket.url);
      case 'ask':
        return this.put(command.session, 0, new Uint8Array(0), upload.file.size, fault);
      case 'send': {
        const { offset, length } = command;
        this.largestPiece = Math.max(this.largestPiece, length);
        return this.put(command.session, offset, this.bytes.subarray(offset, offset + length), upload.file.size, fault);
      }
      case 'verify':
        return this.verify();
    }
  }

  private announce(key: string, crc32c: string): Result {
    if (!this.keys.has(key)) {
      if (this.status === 'accepted') return { kind: 'taken' };
      this.keys.add(key);
      this.announcements += 1;
      if (this.status === 'turned_away') this.object = null;
      this.status = 'awaiting_upload';
      this.expected = crc32c;
    }
    return this.ticket();
  }

  private ticket(): Result {
    const url = `https://storage.test/ticket-${(this.made += 1)}`;
    this.tickets.add(url);
    return {
      kind: 'ticket',
      ticket: { url, method: 'POST', headers: {}, expiresAt: '2026-01-01T00:00:00Z', maxBytes: this.bytes.length },
    };
  }

  private start(url: string): Result {
    if (!this.tickets.has(url)) return { kind: 'expired' };
    if (this.object !== null) return { kind: 'taken' };
    const session = `https://storage.test/session-${(this.made += 1)}`;
    this.sessions.set(session, { received: new Uint8Array(0), done: false });
    return { kind: 'started', session };
  }

  private put(name: string, offset: number, piece: Uint8Array, size: number, fault: Fault): Result {
    const session = this.sessions.get(name);
    if (session === undefined) return { kind: 'session_gone' };
    if (session.done) return { kind: 'complete' };
    if (fault.kind === 'rolled_back' && piece.length === 0) {
      session.received = session.received.subarray(0, Math.max(0, session.received.length - fault.quanta * QUANTUM));
    }
    const { received } = session;
    if (offset > received.length) return { kind: 'refused', failure: { code: 'gap', detail: `${offset}` } };
    const last = offset + piece.length === size;
    if (!last && piece.length % QUANTUM !== 0) {
      return { kind: 'refused', failure: { code: 'no_multiple', detail: `${piece.length}` } };
    }
    let kept = piece.subarray(received.length - offset);
    if (fault.kind === 'damaged' && kept.length > 0) {
      kept = kept.slice();
      kept[0] = (kept[0] ?? 0) ^ 1;
    }
    if (fault.kind === 'kept_in_part') kept = kept.subarray(0, fault.quanta * QUANTUM);
    if (!(last && offset + piece.length === received.length + kept.length)) {
      kept = kept.subarray(0, Math.floor(kept.length / QUANTUM) * QUANTUM);
    }
    session.received = joined(received, kept);
    if (session.received.length < size) return { kind: 'reached', offset: session.received.length, ms: 1_000 };
    if (this.object !== null) return { kind: 'taken' };
    session.done = true;
    this.object = session.received;
    this.finished.push(session.received);
    this.verdictIn = this.notificationDelay;
    return { kind: 'complete' };
  }

  private verify(): Result {
    if (this.object !== null && this.status === 'awaiting_upload' && (this.verdictIn -= 1) < 0) {
      const sound = new Crc32c().update(this.object).base64() === this.expected;
      this.status = sound ? 'accepted' : 'turned_away';
    }
    if (this.status === 'accepted') return { kind: 'accepted', bytes: this.object?.length ?? 0 };
    if (this.status === 'turned_away') return { kind: 'refused', failure: { code: 'upload_corrupt', detail: '' } };
    if (this.status === 'unknown') return { kind: 'refused', failure: { code: 'not_found', detail: '' } };
    return { kind: 'waiting' };
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

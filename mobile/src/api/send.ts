import { NetworkFailure, problemOf } from './problem';
import { type RetryPolicy, nextWaitMs } from './retry';

/** A request whose body can be sent again, as a stream could not. */
export interface Call {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal | null;
}

/** Sends a call. Every answer of the server is a `Response`; what prevented one is a `NetworkFailure`. */
export type Send = (call: Call) => Promise<Response>;

export interface Clock {
  now(): number;
  /** Rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal | null): Promise<void>;
  /** A number from 0 up to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

export function byFetch(fetcher: typeof fetch): Send {
  return async (call) => {
    try {
      return await fetcher(call.url, {
        method: call.method,
        headers: call.headers,
        ...(call.body === null ? {} : { body: call.body }),
        ...(call.signal === null ? {} : { signal: call.signal }),
      });
    } catch (error) {
      if (call.signal?.aborted) throw error;
      throw new NetworkFailure(error instanceof Error ? error.message : String(error));
    }
  };
}

/** Adds the caller's token. On a 401 a fresh token is taken and the call is sent once more. */
export function withToken(send: Send, token: (fresh: boolean) => Promise<string | null>): Send {
  const authorized = async (call: Call, fresh: boolean) => {
    const value = await token(fresh);
    if (value === null) return null;
    return send({ ...call, headers: { ...call.headers, Authorization: `Bearer ${value}` } });
  };
  return async (call) => {
    const answer = await authorized(call, false);
    if (answer === null) return send(call);
    if (answer.status !== 401) return answer;
    return (await authorized(call, true)) ?? answer;
  };
}

// Lower case, as the keys of `Headers` are.
const IDEMPOTENCY_KEY = 'idempotency-key';
const READS = new Set(['GET', 'HEAD']);

/** Gives each write a key of its own, unless the caller chose one that outlives the app. */
export function withIdempotencyKey(send: Send, newKey: () => string): Send {
  return (call) =>
    READS.has(call.method) || IDEMPOTENCY_KEY in call.headers
      ? send(call)
      : send({ ...call, headers: { ...call.headers, [IDEMPOTENCY_KEY]: newKey() } });
}

/** Repeats reads, and writes with a key, after failures that pass. */
export function withRetries(send: Send, policy: RetryPolicy, clock: Clock): Send {
  return async (call) => {
    const repeatable = READS.has(call.method) || IDEMPOTENCY_KEY in call.headers;
    for (let sent = 1; ; sent += 1) {
      let failure: unknown;
      let answer: Response | null = null;
      try {
        answer = await send(call);
        if (answer.ok || answer.status === 304) return answer;
        failure = await problemOf(answer.clone(), clock.now());
      } catch (error) {
        failure = error;
      }
      const wait = nextWaitMs({ failure, repeatable, sent }, policy, clock.random());
      if (wait === null) {
        if (answer !== null) return answer;
        throw failure;
      }
      await clock.sleep(wait, call.signal);
    }
  };
}

/** Copies of answers that carry an `ETag`, the most recently used ones. */
export class EtagCache {
  private readonly copies = new Map<string, { readonly etag: string; readonly body: string; readonly type: string }>();

  constructor(private readonly capacity: number) {}

  get(url: string) {
    const copy = this.copies.get(url);
    if (copy !== undefined) {
      this.copies.delete(url);
      this.copies.set(url, copy);
    }
    return copy;
  }

  set(url: string, etag: string, body: string, type: string): void {
    this.copies.delete(url);
    this.copies.set(url, { etag, body, type });
    for (const oldest of this.copies.keys()) {
      if (this.copies.size <= this.capacity) break;
      this.copies.delete(oldest);
    }
  }

  delete(url: string): void {
    this.copies.delete(url);
  }

  clear(): void {
    this.copies.clear();
  }
}

/** Asks with `If-None-Match` for what is in the cache; a 304 is answered from it as a 200. */
export function withEtags(send: Send, cache: EtagCache): Send {
  return async (call) => {
    if (call.method !== 'GET') return send(call);
    const copy = cache.get(call.url);
    const answer = await send(
      copy === undefined ? call : { ...call, headers: { ...call.headers, 'If-None-Match': copy.etag } },
    );
    if (answer.status === 304 && copy !== undefined) {
      return new Response(copy.body, { status: 200, headers: { ETag: copy.etag, 'Content-Type': copy.type } });
    }
    const etag = answer.headers.get('ETag');
    if (answer.status === 200 && etag !== null) {
      const type = answer.headers.get('Content-Type') ?? 'application/json';
      cache.set(call.url, etag, await answer.clone().text(), type);
    } else if (answer.status === 404 || answer.status === 410) {
      cache.delete(call.url);
    }
    return answer;
  };
}

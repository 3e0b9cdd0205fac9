import { ApiProblem, NetworkFailure } from './problem';

export interface Attempt {
  readonly failure: unknown;
  /** A read, or a write with an idempotency key: sending it again changes nothing. */
  readonly repeatable: boolean;
  /** How often the request was sent, from 1. */
  readonly sent: number;
}

export interface RetryPolicy {
  readonly attempts: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export const interactive: RetryPolicy = { attempts: 3, firstWaitMs: 400, longestWaitMs: 5_000 };

/**
 * Milliseconds until the request is sent again; null if it is not.
 *
 * The server's `Retry-After` wins over the policy's own wait; one that is longer than the policy's longest wait is for
 * the caller, who can say until when. `jitter` is 0 to 1 and spreads clients that failed at the same moment.
 */
export function nextWaitMs(attempt: Attempt, policy: RetryPolicy, jitter: number): number | null {
  if (!attempt.repeatable || attempt.sent >= policy.attempts || !isPassing(attempt.failure)) return null;
  const asked = attempt.failure instanceof ApiProblem ? attempt.failure.retryAfterSec : null;
  if (asked !== null) {
    const wait = asked * 1000;
    return wait <= policy.longestWaitMs ? wait : null;
  }
  return backoffMs(attempt.sent, policy, jitter);
}

/** Doubling waits with jitter over their upper half. `failures` counts from 1. */
export function backoffMs(
  failures: number,
  policy: Pick<RetryPolicy, 'firstWaitMs' | 'longestWaitMs'>,
  jitter: number,
): number {
  const full = Math.min(policy.firstWaitMs * 2 ** Math.min(failures - 1, 30), policy.longestWaitMs);
  return Math.round(full * (0.5 + jitter / 2));
}

/** Whether the same request may succeed later. */
export function isPassing(failure: unknown): boolean {
  if (failure instanceof NetworkFailure) return true;
  if (!(failure instanceof ApiProblem)) return false;
  if (failure.code === 'daily_limit_reached' || failure.code === 'streams_busy') return false;
  return failure.retryAfterSec !== null || [408, 429, 502, 503, 504].includes(failure.status) || failure.code === 'internal';
}

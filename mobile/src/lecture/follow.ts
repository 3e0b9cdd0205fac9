import { type Api, type Progress, dataOf } from '../api/client';
import { NoStream, eventsOf } from '../api/eventStream';
import type { ServerEvent } from '../api/events';
import { ApiProblem } from '../api/problem';
import { backoffMs, isPassing } from '../api/retry';

export type Update =
  | { readonly kind: 'progress'; readonly progress: Progress; readonly live: boolean }
  | { readonly kind: 'trouble'; readonly failure: unknown }
  | { readonly kind: 'gone' };

const WAITS = { firstWaitMs: 1_000, longestWaitMs: 30_000 };
/** Between two streams, so that a server that closes them early is not asked without pause. */
const REOPEN_MS = 1_000;
const POLL_MS = 3_000;
/** After so many polls the stream is tried again. */
const POLLS = 10;

/**
 * Follows a lecture until it is completed, failed or deleted.
 *
 * By the event stream, which the server closes every minute and which is opened again then; by polling where streams are
 * refused or cannot be read. A lost network is reported once and waited out.
 */
export async function* follow(api: Api, lectureId: string, signal: AbortSignal): AsyncGenerator<Update> {
  let failures = 0;
  let pollsLeft = 0;
  while (!signal.aborted) {
    try {
      for await (const update of pollsLeft > 0 ? poll(api, lectureId, signal) : stream(api, lectureId, signal)) {
        failures = 0;
        yield update;
        if (update.kind === 'gone') return;
        if (update.kind === 'progress' && isOver(update.progress)) return;
      }
      if (pollsLeft > 0) pollsLeft -= 1;
      else await api.clock.sleep(REOPEN_MS, signal);
    } catch (failure) {
      if (signal.aborted) return;
      if (isGone(failure)) {
        yield { kind: 'gone' };
        return;
      }
      if (failure instanceof NoStream) {
        pollsLeft = POLLS;
        continue;
      }
      if (!isPassing(failure)) throw failure;
      failures += 1;
      yield { kind: 'trouble', failure };
      await api.clock.sleep(backoffMs(failures, WAITS, api.clock.random()), signal).catch(() => undefined);
    }
  }
}

export const isOver = (progress: Progress) =>
  progress.overallStatus === 'completed' || progress.overallStatus === 'failed';

const isGone = (failure: unknown) => failure instanceof ApiProblem && failure.status === 404;

async function* poll(api: Api, lectureId: string, signal: AbortSignal): AsyncGenerator<Update> {
  const params = { path: { lectureId } };
  const answer = api.client.GET('/lectures/{lectureId}/progress', { params, signal });
  const progress = await dataOf(answer, api.clock.now());
  yield { kind: 'progress', progress, live: false };
  await api.clock.sleep(POLL_MS, signal);
}

async function* stream(api: Api, lectureId: string, signal: AbortSignal): AsyncGenerator<Update> {
  for await (const event of eventsOf(api, `/lectures/${lectureId}/progress/stream`, signal)) {
    const update = updateOf(event);
    if (update !== null) yield update;
  }
}

/** `end` needs none: the progress before it says the same. Events that are not known are ignored. */
function updateOf({ event, data }: ServerEvent): Update | null {
  if (event === 'gone') return { kind: 'gone' };
  return event === 'progress' ? { kind: 'progress', progress: JSON.parse(data) as Progress, live: true } : null;
}

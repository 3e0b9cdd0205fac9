import type { Api, Schema } from '../api/client';
import { NoStream, eventsOf } from '../api/eventStream';
import type { ServerEvent } from '../api/events';
import { backoffMs, isPassing } from '../api/retry';

export type LibraryUpdate =
  /** What the library has is to be read again. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'lecture'; readonly lecture: Schema<'LectureEvent'> }
  | { readonly kind: 'deleted'; readonly lectureKey: string };

export interface Following {
  /** Where an earlier follower ended, and then where this one is. */
  readonly position: { lastId: string };
  /** Called whenever updates begin to come, or come no more. */
  readonly setLive: (live: boolean) => void;
}

export type LecturesPage = Schema<'LecturesResponse'>;

const WAITS = { firstWaitMs: 1_000, longestWaitMs: 30_000 };
/** Between two streams, so that a server that closes them early is not asked without pause. */
const REOPEN_MS = 1_000;
/** Without room for a stream, until it is tried again. */
const NO_STREAM_MS = 30_000;

/**
 * Follows all lectures of the caller until the signal is aborted.
 *
 * The server closes a stream every minute, and the next one resumes where it ended. A server without such streams, or
 * a failure that does not pass, ends it: the list is polled then.
 */
export async function* followLibrary(
  api: Api,
  signal: AbortSignal,
  { position, setLive }: Following,
): AsyncGenerator<LibraryUpdate> {
  let failures = 0;
  let isLive = false;
  const become = (live: boolean) => {
    if (live !== isLive) setLive((isLive = live));
  };
  const opened = () => {
    failures = 0;
    become(true);
  };
  const reached = (id: string) => {
    position.lastId = id;
  };
  while (!signal.aborted) {
    let wait = REOPEN_MS;
    try {
      for await (const event of eventsOf(api, '/events', signal, { lastId: position.lastId, opened, reached })) {
        const update = updateOf(event);
        if (update !== null) yield update;
      }
    } catch (failure) {
      if (signal.aborted) return;
      become(false);
      if (failure instanceof NoStream) wait = NO_STREAM_MS;
      else if (isPassing(failure)) wait = backoffMs((failures += 1), WAITS, api.clock.random());
      else return;
    }
    await api.clock.sleep(wait, signal).catch(() => undefined);
  }
}

/** Events that are not known are ignored. */
function updateOf({ event, data }: ServerEvent): LibraryUpdate | null {
  if (event === 'reset') return { kind: 'reset' };
  if (event === 'lecture') return { kind: 'lecture', lecture: JSON.parse(data) as Schema<'LectureEvent'> };
  if (event === 'deleted') return { kind: 'deleted', ...(JSON.parse(data) as Schema<'DeletedEvent'>) };
  return null;
}

/**
 * The list's pages, newest first, with an update; null if the list has to be read again for it.
 *
 * A lecture that is older than all that is loaded is on a page that is not.
 */
export function updated(pages: readonly LecturesPage[], update: LibraryUpdate): LecturesPage[] | null {
  if (update.kind === 'deleted') return without(pages, update.lectureKey);
  if (update.kind !== 'lecture') return [...pages];
  const { lecture } = update;
  if (lecture.restrictedAt !== null) return without(pages, lecture.lectureKey);
  const loaded = pages.flatMap((page) => page.lectures);
  if (!loaded.some((known) => known.lectureKey === lecture.lectureKey)) {
    const last = loaded.at(-1);
    const isBehind = pages.at(-1)?.pagination.nextCursor != null;
    const isOlder = last !== undefined && Date.parse(lecture.createdAt) < Date.parse(last.createdAt);
    return isBehind && isOlder ? [...pages] : null;
  }
  return pages.map((page) => ({
    ...page,
    lectures: page.lectures.map((known) => (known.lectureKey === lecture.lectureKey ? lecture : known)),
  }));
}

const without = (pages: readonly LecturesPage[], lectureKey: string) =>
  pages.map((page) => ({ ...page, lectures: page.lectures.filter((known) => known.lectureKey !== lectureKey) }));

import { type InfiniteData, focusManager, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import type { Api, Schema } from '../api/client';
import { useServices } from '../app/Services';
import type { LecturesPage, LibraryUpdate } from './followLibrary';
import { COURSES, LECTURES } from './queries';
import { LIVE, reachedKey, reachedOf } from './reached';

/** While an update waits for the list that is being read, it looks again this often. */
const SETTLE_MS = 200;
/** Up to where the list of each server is known, for as long as the page is open. */
const positions = new WeakMap<Api, { lastId: string }>();

/** Keeps the list of lectures up to date by the server's events, while the app is in view. */
export function useLibraryStream(): void {
  const { api } = useServices();
  const queries = useQueryClient();
  const inView = useSyncExternalStore(subscribe, isInView);

  useEffect(() => {
    if (!inView) return undefined;
    const abort = new AbortController();
    const key = [api.baseUrl, ...LECTURES];
    const readAgain = () => queries.invalidateQueries({ queryKey: key });
    const setLive = (live: boolean) => {
      if (abort.signal.aborted) return;
      queries.setQueryData([api.baseUrl, ...LIVE], live);
      // Its answer decides anew whether the list is polled.
      if (!live) void readAgain();
    };
    const noteReached = (lecture: Schema<'LectureEvent'>) => {
      const reached = reachedOf(lecture, api.clock.now());
      if (reached === null) return;
      queries.setQueryData(reachedKey(api), (known: object | undefined) => ({ ...known, [lecture.lectureKey]: reached }));
    };
    const follow = async () => {
      const { followLibrary, updated } = await import('./followLibrary');
      const take = async (update: LibraryUpdate) => {
        if (update.kind === 'reset') return readAgain();
        if (update.kind === 'lecture') noteReached(update.lecture);
        // A list that is being read may be older than the update, and would undo it.
        while (queries.isFetching({ queryKey: key }) > 0) await api.clock.sleep(SETTLE_MS, abort.signal);
        const data = queries.getQueryData<InfiniteData<LecturesPage>>(key);
        if (data === undefined) return undefined;
        const pages = updated(data.pages, update);
        if (pages === null) {
          await Promise.all([readAgain(), queries.invalidateQueries({ queryKey: [api.baseUrl, ...COURSES] })]);
        } else queries.setQueryData(key, { ...data, pages });
        return undefined;
      };
      const position = positions.get(api) ?? { lastId: '' };
      positions.set(api, position);
      for await (const update of followLibrary(api, abort.signal, { position, setLive })) await take(update);
    };
    // Whatever ends it, the list is polled from then on.
    follow().catch(() => setLive(false));
    return () => {
      abort.abort();
      queries.setQueryData([api.baseUrl, ...LIVE], false);
    };
  }, [api, queries, inView]);
}

const subscribe = (changed: () => void) => focusManager.subscribe(changed);
const isInView = () => focusManager.isFocused();

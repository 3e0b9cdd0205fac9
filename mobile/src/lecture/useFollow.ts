import { useEffect, useState } from 'react';

import type { Progress } from '../api/client';
import { useServices } from '../app/Services';
import { follow } from './follow';

export interface Followed {
  readonly progress: Progress | null;
  readonly live: boolean;
  readonly gone: boolean;
  /** Why nothing newer is known, for now (`passing`) or for good. */
  readonly failure: unknown;
  readonly restart: () => void;
}

const nothing = { progress: null, live: false, gone: false, failure: null };

/** Follows one lecture while `enabled`; the caller is keyed by it, so that another lecture begins anew. */
export function useFollow(lectureId: string, enabled: boolean): Followed {
  const { api } = useServices();
  const [run, setRun] = useState(0);
  const [state, setState] = useState<Omit<Followed, 'restart'>>(nothing);

  useEffect(() => {
    if (!enabled) return undefined;
    const abort = new AbortController();
    const watch = async () => {
      for await (const update of follow(api, lectureId, abort.signal)) {
        if (abort.signal.aborted) return;
        if (update.kind === 'progress') {
          setState({ progress: update.progress, live: update.live, gone: false, failure: null });
        } else if (update.kind === 'gone') setState((last) => ({ ...last, gone: true, failure: null }));
        else setState((last) => ({ ...last, live: false, failure: update.failure }));
      }
    };
    watch().catch((failure: unknown) => {
      if (!abort.signal.aborted) setState((last) => ({ ...last, live: false, failure }));
    });
    return () => abort.abort();
  }, [api, lectureId, run, enabled]);

  const restart = () => {
    setState((last) => ({ ...last, gone: false, failure: null }));
    setRun((count) => count + 1);
  };
  return { ...state, restart };
}

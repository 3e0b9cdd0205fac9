import { NetworkFailure } from '../api/problem';
import type { Storage } from './ports';

/** A request without an answer for this long is given up: a connection may be dead without an error. */
const PATIENCE_MS = 120_000;

/** Requests to Cloud Storage by `fetch`. 308 without a `Location` is no redirect for it. */
export function createStorage(fetcher: typeof fetch): Storage {
  return {
    async request({ method, url, headers, body, signal }) {
      const patience = AbortSignal.timeout(PATIENCE_MS);
      try {
        const answer = await fetcher(url, {
          method,
          headers,
          body: body ?? new Uint8Array(0),
          signal: AbortSignal.any([signal, patience]),
          // The signature is in the address, and no cookie belongs to it.
          credentials: 'omit',
          cache: 'no-store',
          referrerPolicy: 'no-referrer',
        });
        await answer.arrayBuffer(); // So that the connection can be used again.
        return { status: answer.status, header: (name) => answer.headers.get(name) };
      } catch (error) {
        if (signal.aborted) throw error;
        throw new NetworkFailure(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

import createClient, { type Client } from 'openapi-fetch';

import { newId } from './ids';
import { problemOf } from './problem';
import { type RetryPolicy, interactive } from './retry';
import type { components, paths } from './schema';
import {
  type Clock,
  EtagCache,
  type Send,
  byFetch,
  systemClock,
  withEtags,
  withIdempotencyKey,
  withRetries,
  withToken,
} from './send';

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];
export type Course = Schema<'CourseResponse'>;
export type Lecture = Schema<'LectureResponse'>;
export type Progress = Schema<'ProgressResponse'>;
export type Stage = Schema<'StageProgress'>;
export type Segment = Schema<'SegmentProgress'>;
export type PartialTranscript = Schema<'PartialTranscriptResponse'>;
export type Utterance = Schema<'Utterance'>;
export type UploadTicket = Schema<'Upload'>;

export interface ApiOptions {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly token?: (fresh: boolean) => Promise<string | null>;
  readonly retry?: RetryPolicy;
  readonly clock?: Clock;
}

/** The API at one address, as one caller. */
export interface Api {
  readonly baseUrl: string;
  readonly client: Client<paths>;
  /** For answers that are not JSON, such as event streams. */
  readonly send: Send;
  readonly clock: Clock;
}

const ETAG_COPIES = 50;

export function createApi(options: ApiOptions): Api {
  const clock = options.clock ?? systemClock;
  const plain = withToken(byFetch(options.fetch), options.token ?? (async () => null));
  const send = withIdempotencyKey(
    withEtags(withRetries(plain, options.retry ?? interactive, clock), new EtagCache(ETAG_COPIES)),
    newId,
  );
  const client = createClient<paths>({
    baseUrl: options.baseUrl,
    fetch: async (request) =>
      send({
        url: request.url,
        method: request.method,
        headers: Object.fromEntries(request.headers.entries()),
        body: READS.has(request.method) ? null : await request.text(),
        signal: request.signal,
      }),
  });
  return { baseUrl: options.baseUrl, client, send: plain, clock };
}

const READS = new Set(['GET', 'HEAD']);

/** The data of an answer. Raises `ApiProblem` for an error, with what its problem document says. */
export async function dataOf<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
  now: number,
): Promise<Data> {
  const { data, error, response } = await answer;
  if (data !== undefined) return data;
  // openapi-fetch has read the body; the problem is made from what it parsed.
  throw await problemOf(
    new Response(typeof error === 'string' ? error : JSON.stringify(error ?? null), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    }),
    now,
  );
}

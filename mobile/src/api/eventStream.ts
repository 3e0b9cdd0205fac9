import type { Api } from './client';
import { EventParser, type ServerEvent } from './events';
import { NetworkFailure, problemOf } from './problem';

/** The server has no room for a stream, or something in between does not let streams through: poll. */
export class NoStream extends Error {
  override readonly name = 'NoStream';
}

/**
 * The events of one stream, until the server closes it.
 *
 * Raises `NoStream`, and as other calls `ApiProblem` and `NetworkFailure`. `opened` is called when the server has
 * accepted; `reached` with the id from which the next stream can resume, once the events before it were taken.
 */
export async function* eventsOf(
  api: Api,
  path: string,
  signal: AbortSignal,
  { lastId = '', opened, reached }: { lastId?: string; opened?: () => void; reached?: (id: string) => void } = {},
): AsyncGenerator<ServerEvent> {
  const answer = await api.send({
    url: `${api.baseUrl}${path}`,
    method: 'GET',
    headers: { Accept: 'text/event-stream', ...(lastId === '' ? {} : { 'Last-Event-ID': lastId }) },
    body: null,
    signal,
  });
  if (!answer.ok) {
    const problem = await problemOf(answer, api.clock.now());
    throw problem.code === 'streams_busy' ? new NoStream() : problem;
  }
  if (!answer.body || !answer.headers.get('Content-Type')?.startsWith('text/event-stream')) throw new NoStream();
  opened?.();
  const reader = answer.body.getReader();
  const parser = new EventParser();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await read(reader, signal);
      if (done) return;
      for (const event of parser.push(decoder.decode(value, { stream: true }))) {
        yield event;
        if (event.id !== '') reached?.(event.id);
      }
      if (parser.lastId !== '') reached?.(parser.lastId);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal) {
  try {
    return await reader.read();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new NetworkFailure(String(error));
  }
}

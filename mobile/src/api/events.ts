/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** From where a stream resumes behind this event; empty if the server has sent none. */
  readonly id: string;
}

/**
 * Reads server-sent events from chunks of text, which may end anywhere, even between `\r` and `\n`.
 *
 * Follows the HTML standard's parser for `event`, `data` and `id`; `retry` is ignored.
 */
export class EventParser {
  private rest = '';
  private event = '';
  private id = '';
  private data: string[] = [];
  /** Of the last event, also of one without data, which is for this alone. */
  lastId = '';

  push(chunk: string): ServerEvent[] {
    const text = this.rest + chunk;
    const events: ServerEvent[] = [];
    let from = 0;
    for (;;) {
      const end = lineEnd(text, from);
      if (end === null) break;
      const event = this.line(text.slice(from, end.at));
      if (event !== null) events.push(event);
      from = end.next;
    }
    this.rest = text.slice(from);
    return events;
  }

  private line(line: string): ServerEvent | null {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null; // A comment keeps the connection alive.
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    return null;
  }

  private dispatch(): ServerEvent | null {
    const { event, data } = this;
    this.event = '';
    this.data = [];
    this.lastId = this.id;
    return data.length === 0 ? null : { event: event === '' ? 'message' : event, data: data.join('\n'), id: this.id };
  }
}

function lineEnd(text: string, from: number): { at: number; next: number } | null {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\n') return { at, next: at + 1 };
    if (text[at] === '\r') {
      if (at + 1 === text.length) return null; // `\n` may follow in the next chunk.
      return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
    }
  }
  return null;
}

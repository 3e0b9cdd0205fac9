import { clock } from '../i18n/format';

export interface Span {
  readonly startSec: number;
  readonly endSec: number;
}

/** One end of what is to be cut. `sec` is null while `typed` is not a time; it is exact where a sentence was chosen. */
export interface Edge {
  readonly sec: number | null;
  readonly typed: string;
}

/** What is chosen so far. */
export interface Choice {
  readonly start: Edge;
  readonly end: Edge;
  /** Of the sentence that was tapped alone so far: the next tap extends from it. */
  readonly anchor: Span | null;
}

const EMPTY: Edge = { sec: null, typed: '' };
export const NOTHING: Choice = { start: EMPTY, end: EMPTY, anchor: null };

/** By how much a span may end after the recording, as the API has it: players round its length. */
const BEYOND_SEC = 1;
/** What is heard before the span. */
const LEAD_SEC = 3;

const TIME = /^(?:(\d{1,2}):(?=[0-5]\d:))?(\d{1,3}):([0-5]\d(?:[.,]\d{1,3})?)$/;

/** Seconds of `12:10`, `75:00`, `1:02:09` or `12:10.5`; null if it is no time. */
export function parseTime(text: string): number | null {
  const found = TIME.exec(text.replace(/\s/g, ''));
  if (found === null) return null;
  const [, hours = '0', minutes = '0', seconds = '0'] = found;
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds.replace(',', '.'));
}

/** Whole seconds around the span: those at which it is over are after its end. */
const shownOf = ({ startSec, endSec }: Span) => [clock(startSec), clock(Math.ceil(endSec))] as const;

/** `12:10 – 12:55`; isolated from the direction of the text around it. */
export const rangeOf = (span: Span): string => `\u2066${shownOf(span).join('\u2009–\u2009')}\u2069`;

export const startOf = (span: Span): string => shownOf(span)[0];
export const endOf = (span: Span): string => shownOf(span)[1];

function chosen(span: Span, anchor: Span | null): Choice {
  const [start, end] = shownOf(span);
  return { start: { sec: span.startSec, typed: start }, end: { sec: span.endSec, typed: end }, anchor };
}

/** The first tap chooses a sentence, the second extends to another, or takes the choice back; the one after that begins anew. */
export function tapped({ anchor }: Choice, sentence: Span): Choice {
  if (anchor === null) return chosen(sentence, sentence);
  if (anchor.startSec === sentence.startSec) return NOTHING;
  const startSec = Math.min(anchor.startSec, sentence.startSec);
  return chosen({ startSec, endSec: Math.max(anchor.endSec, sentence.endSec) }, null);
}

export function typedAs(choice: Choice, edge: 'start' | 'end', typed: string): Choice {
  return { ...choice, anchor: null, [edge]: { sec: parseTime(typed), typed } };
}

export type Fault = 'start' | 'end' | 'order' | 'beyond';

/** Why the times cannot be cut; null if they can, or are not typed yet. */
export function faultOf({ start, end }: Choice, durationSec: number | null): Fault | null {
  if (start.sec === null && start.typed.trim() !== '') return 'start';
  if (end.sec === null && end.typed.trim() !== '') return 'end';
  if (durationSec !== null && Math.max(start.sec ?? 0, end.sec ?? 0) > durationSec + BEYOND_SEC) return 'beyond';
  return start.sec !== null && end.sec !== null && end.sec <= start.sec ? 'order' : null;
}

/** What would be cut; null unless both times are there and can be cut. */
export function spanOf(choice: Choice, durationSec: number | null): Span | null {
  const { start, end } = choice;
  if (start.sec === null || end.sec === null || faultOf(choice, durationSec) !== null) return null;
  return { startSec: start.sec, endSec: end.sec };
}

/** How much of a sentence goes with the span. */
export function goes({ startSec, endSec }: Span, span: Span | null): 'whole' | 'part' | null {
  if (span === null || endSec <= span.startSec || span.endSec <= startSec) return null;
  return span.startSec <= startSec && endSec <= span.endSec ? 'whole' : 'part';
}

/** Where one begins to listen. */
export const leadTo = (span: Span): number => Math.max(0, span.startSec - LEAD_SEC);

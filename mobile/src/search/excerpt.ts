import type { Schema } from '../api/client';

type Highlight = Pick<Schema<'Highlight'>, 'start' | 'end' | 'startSec'>;

export interface ExcerptPart {
  readonly text: string;
  readonly found: boolean;
}

/** The parts of an excerpt. Places are in code points, which is not how strings are indexed here. */
export function partsOf(excerpt: string, highlights: readonly Highlight[]): ExcerptPart[] {
  const points = Array.from(excerpt);
  const parts: ExcerptPart[] = [];
  let done = 0;
  const add = (end: number, found: boolean) => {
    const text = points.slice(done, end).join('');
    if (text !== '') parts.push({ text, found });
    done = Math.max(done, end);
  };
  for (const { start, end } of [...highlights].sort((one, other) => one.start - other.start)) {
    add(start, false);
    add(end, true);
  }
  add(points.length, false);
  return parts;
}

/** Where a hit is played from: the sentence of its first word that was found. */
export function secondOf(hit: Pick<Schema<'SearchHit'>, 'startSec' | 'highlights'>): number {
  return Math.min(...hit.highlights.map(({ startSec }) => startSec), ...(hit.highlights.length === 0 ? [hit.startSec] : []));
}

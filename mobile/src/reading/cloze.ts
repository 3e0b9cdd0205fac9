export interface ClozePart {
  readonly text: string;
  /** What stands in the gap's place while it is hidden; null for text that is always shown. */
  readonly hint: string | null;
}

const DELETION = /\{\{c\d+::(.*?)(?:::(.*?))?\}\}/gs;
const GAP = '…';

/** The parts of a card in cloze notation: `{{c1::answer}}` or `{{c1::answer::hint}}`. */
export function clozeParts(front: string): ClozePart[] {
  const parts: ClozePart[] = [];
  let end = 0;
  for (const found of front.matchAll(DELETION)) {
    if (found.index > end) parts.push({ text: front.slice(end, found.index), hint: null });
    parts.push({ text: found[1] ?? '', hint: found[2] || GAP });
    end = found.index + found[0].length;
  }
  if (end < front.length) parts.push({ text: front.slice(end), hint: null });
  return parts;
}

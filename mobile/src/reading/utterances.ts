import type { Utterance } from '../api/client';

/** Index of what is said at a time: the last utterance that has begun; -1 before the first. */
export function utteranceAt(utterances: readonly Pick<Utterance, 'startSec'>[], sec: number): number {
  let [low, high] = [0, utterances.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((utterances[middle]?.startSec ?? Infinity) <= sec) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export interface Block {
  /** Index of its first utterance. */
  readonly first: number;
  readonly utterances: readonly Utterance[];
  /** About how many points it is high, before it is laid out. */
  readonly height: number;
}

const BLOCK = 20;
const LINE_CHARACTERS = 52;
const LINE_HEIGHT = 28;
const AROUND = 36;

/** Parts of a transcript that are laid out and rendered again one at a time. */
export function blocksOf(utterances: readonly Utterance[]): Block[] {
  const blocks: Block[] = [];
  for (let first = 0; first < utterances.length; first += BLOCK) {
    const own = utterances.slice(first, first + BLOCK);
    const lines = own.reduce((sum, { text }) => sum + Math.ceil(text.length / LINE_CHARACTERS), 0);
    blocks.push({ first, utterances: own, height: lines * LINE_HEIGHT + own.length * AROUND });
  }
  return blocks;
}

export const blockOf = (index: number): number => Math.floor(index / BLOCK);

/** Marks by the index of what was said then; -1 before the first. */
export function byUtterance<Mark extends { readonly atSec: number }>(
  utterances: readonly Pick<Utterance, 'startSec'>[],
  marks: readonly Mark[],
): ReadonlyMap<number, readonly Mark[]> {
  const found = new Map<number, Mark[]>();
  for (const mark of marks) {
    const index = utteranceAt(utterances, mark.atSec);
    found.set(index, [...(found.get(index) ?? []), mark]);
  }
  return found;
}

type Said = Pick<Utterance, 'startSec' | 'endSec' | 'text'>;

/** The same utterance in another version of the transcript. Ids are positions there, and a correction may begin later. */
export function sameIn<Other extends Said>(utterances: readonly Other[], utterance: Said): Other | undefined {
  return (
    utterances.find(({ startSec }) => startSec === utterance.startSec) ??
    utterances.find(({ startSec, endSec }) => startSec < utterance.endSec && utterance.startSec < endSec)
  );
}

export interface Difference {
  readonly startSec: number;
  /** Null where it is not in that version. */
  readonly then: string | null;
  readonly now: string | null;
}

/** What reads differently in an earlier version, in the order of the lecture. */
export function differences(now: readonly Said[], then: readonly Said[]): Difference[] {
  const found: Difference[] = [];
  let [i, j] = [0, 0];
  while (i < now.length || j < then.length) {
    const [is, was] = [now[i], then[j]];
    const apart = is !== undefined && was !== undefined && is.startSec !== was.startSec;
    if (was === undefined || (apart && is.endSec <= was.startSec)) {
      if (is !== undefined) found.push({ startSec: is.startSec, then: null, now: is.text });
      i += 1;
    } else if (is === undefined || (apart && was.endSec <= is.startSec)) {
      found.push({ startSec: was.startSec, then: was.text, now: null });
      j += 1;
    } else {
      if (is.text !== was.text) found.push({ startSec: was.startSec, then: was.text, now: is.text });
      i += 1;
      j += 1;
    }
  }
  return found;
}

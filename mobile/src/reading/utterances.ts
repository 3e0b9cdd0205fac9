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

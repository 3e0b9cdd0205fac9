/** Cloud Storage takes pieces in multiples of this; the last one may be shorter. */
export const QUANTUM = 256 * 1024;
export const SMALLEST_PIECE = QUANTUM;
/** Memory of an upload is bounded by it, however long the recording is. */
export const LARGEST_PIECE = 32 * QUANTUM;
export const FIRST_PIECE = 4 * QUANTUM;

/** A piece should take some seconds: long enough that round trips do not count, short enough to lose little. */
const QUICK_MS = 2_000;
const SLOW_MS = 8_000;

export function pieceAfter(pieceBytes: number, ms: number): number {
  if (ms < QUICK_MS) return Math.min(pieceBytes * 2, LARGEST_PIECE);
  if (ms > SLOW_MS) return smaller(pieceBytes);
  return pieceBytes;
}

export function smaller(pieceBytes: number): number {
  return Math.max(Math.floor(pieceBytes / 2 / QUANTUM) * QUANTUM, SMALLEST_PIECE);
}

import { useEffect, useState } from 'react';

/** Blocks that are rendered with the first frame, and with each one after it. */
const PER_FRAME = 3;

/** A number that grows up to `total` with each frame, so that a long list does not hold up the first one. */
export function useGrowing(total: number): number {
  const [count, setCount] = useState(PER_FRAME);
  useEffect(() => {
    if (count >= total) return undefined;
    const frame = requestAnimationFrame(() => setCount(count + PER_FRAME));
    return () => cancelAnimationFrame(frame);
  }, [count, total]);
  return Math.min(count, total);
}

/** Speed of an upload from what the server confirmed, with older measurements fading. */
export interface Rate {
  readonly bytesPerSec: number | null;
  readonly lastOffset: number;
  readonly lastAt: number;
}

const FADING_MS = 15_000;

export function startRate(offset: number, at: number): Rate {
  return { bytesPerSec: null, lastOffset: offset, lastAt: at };
}

export function measured(rate: Rate, offset: number, at: number): Rate {
  const ms = at - rate.lastAt;
  if (offset < rate.lastOffset) return startRate(offset, at);
  if (offset === rate.lastOffset || ms <= 0) return rate;
  const now = ((offset - rate.lastOffset) * 1000) / ms;
  const share = 1 - Math.exp(-ms / FADING_MS);
  const bytesPerSec = rate.bytesPerSec === null ? now : rate.bytesPerSec + share * (now - rate.bytesPerSec);
  return { bytesPerSec, lastOffset: offset, lastAt: at };
}

/** Null while no speed is known. */
export function secondsLeft(rate: Rate, size: number): number | null {
  if (rate.bytesPerSec === null || rate.bytesPerSec <= 0) return null;
  return (size - rate.lastOffset) / rate.bytesPerSec;
}

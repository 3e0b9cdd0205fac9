/** Phones do not follow the recording, as they do not play it yet. */
export function reveal(_: unknown): void {}

export function focusOn(_: unknown): void {}

export function revealAcross(_: string): void {}

export function onScrollByHand(_: () => void): () => void {
  return () => undefined;
}

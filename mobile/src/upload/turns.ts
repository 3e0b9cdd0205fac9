interface Waiting {
  readonly order: number;
  readonly begin: () => void;
}

/**
 * A turn that one of several takes at a time, and keeps until it gives it back.
 *
 * Of those that wait, the one with the lowest order is next.
 */
export class Turns {
  private holder: number | null = null;
  private waiting: readonly Waiting[] = [];

  /** Runs `work` once it is this one's turn. The turn is kept if the work succeeds, and given back if it fails. */
  async run<T>(order: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.holder !== null && this.holder !== order) {
      await new Promise<void>((begin) => {
        this.waiting = [...this.waiting, { order, begin }].sort((one, other) => one.order - other.order);
      });
    }
    this.holder = order;
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      this.release(order);
      throw error;
    }
  }

  release(order: number): void {
    if (this.holder !== order) return;
    const [next, ...rest] = this.waiting;
    this.waiting = rest;
    this.holder = next?.order ?? null;
    next?.begin();
  }
}

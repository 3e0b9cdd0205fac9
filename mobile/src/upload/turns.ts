interface Waiting {
  readonly order: number;
  readonly begin: () => void;
}

/** Lets one piece of work run at a time; of those that wait, the one with the lowest order is next. */
export class Turns {
  private busy = false;
  private readonly waiting: Waiting[] = [];

  async run<T>(order: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.busy) {
      await new Promise<void>((begin) => {
        this.waiting.push({ order, begin });
      });
    }
    this.busy = true;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.next();
    }
  }

  private next(): void {
    this.waiting.sort((one, other) => one.order - other.order);
    const next = this.waiting.shift();
    this.busy = next !== undefined;
    next?.begin();
  }
}

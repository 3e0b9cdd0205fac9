/** Seconds that ran, pauses left out. */
export class Stopwatch {
  private elapsedMs = 0;
  private startedAt: number | null = null;

  constructor(private readonly now: () => number) {}

  start(): void {
    this.startedAt ??= this.now();
  }

  stop(): void {
    this.elapsedMs = this.ms();
    this.startedAt = null;
  }

  seconds(): number {
    return this.ms() / 1000;
  }

  private ms(): number {
    return this.elapsedMs + (this.startedAt === null ? 0 : this.now() - this.startedAt);
  }
}

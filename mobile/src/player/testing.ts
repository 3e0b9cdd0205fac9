import type { Media, MediaEvent } from './media.types';

/** A media that plays only as a test says, and notes what it was told. */
export class FakeMedia implements Media {
  readonly told: string[] = [];
  at = 0;
  expected = false;
  refusal: Error | null = null;
  private listener: (event: MediaEvent) => void = () => undefined;

  emit(event: MediaEvent): void {
    this.listener(event);
  }

  load(address: string, atSec: number): void {
    this.told.push(`load ${address} ${atSec}`);
    this.at = atSec;
  }

  async play(): Promise<void> {
    this.told.push('play');
    if (this.refusal !== null) throw this.refusal;
  }

  pause(): void {
    this.told.push('pause');
  }

  seek(sec: number): void {
    this.told.push(`seek ${sec}`);
    this.at = sec;
  }

  setRate(rate: number): void {
    this.told.push(`rate ${rate}`);
  }

  positionSec(): number {
    return this.at;
  }

  isExpected(): boolean {
    return this.expected;
  }

  subscribe(listener: (event: MediaEvent) => void): void {
    this.listener = listener;
  }

  dispose(): void {
    this.told.push('dispose');
  }
}

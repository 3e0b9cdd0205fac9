export type MediaEvent = 'playing' | 'paused' | 'ended' | 'moved' | 'waiting' | 'failed';

/** What plays sound on a platform; `Player` decides what it plays. */
export interface Media {
  /** Takes an address, and begins at a time. Nothing is loaded from the beginning of the file to there. */
  load(address: string, atSec: number): void;
  /** Rejects where the browser blocks playback without a user gesture. */
  play(): Promise<void>;
  pause(): void;
  seek(sec: number): void;
  setRate(rate: number): void;
  positionSec(): number;
  /** A person has just pressed something, so that sound is expected. */
  isExpected(): boolean;
  subscribe(listener: (event: MediaEvent) => void): void;
  dispose(): void;
}

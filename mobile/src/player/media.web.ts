import type { Media, MediaEvent } from './media.types';

const EVENTS: readonly (readonly [keyof HTMLMediaElementEventMap, MediaEvent])[] = [
  ['playing', 'playing'],
  ['pause', 'paused'],
  ['ended', 'ended'],
  ['timeupdate', 'moved'],
  ['seeked', 'moved'],
  ['waiting', 'waiting'],
  ['error', 'failed'],
];

/** The browser's own player. It reads by ranges, as far as it needs. */
class ElementMedia implements Media {
  private readonly element = new Audio();
  private readonly removal = new AbortController();
  private rate = 1;
  /** Where to begin, until the file's beginning is read. */
  private pending: number | null = null;

  constructor() {
    this.element.preload = 'metadata';
    this.listen('loadedmetadata', () => {
      if (this.pending !== null) this.element.currentTime = this.pending;
      this.pending = null;
    });
  }

  load(address: string, atSec: number): void {
    this.pending = atSec > 0 ? atSec : null;
    this.element.src = address;
    this.element.load();
    // Loading resets it.
    this.setRate(this.rate);
  }

  play(): Promise<void> {
    return this.element.play();
  }

  pause(): void {
    this.element.pause();
  }

  seek(sec: number): void {
    if (this.element.readyState === HTMLMediaElement.HAVE_NOTHING) this.pending = sec;
    else this.element.currentTime = sec;
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.element.defaultPlaybackRate = rate;
    this.element.playbackRate = rate;
  }

  positionSec(): number {
    return this.pending ?? this.element.currentTime;
  }

  isExpected(): boolean {
    return navigator.userActivation?.isActive ?? false;
  }

  subscribe(listener: (event: MediaEvent) => void): void {
    for (const [name, event] of EVENTS) this.listen(name, () => listener(event));
  }

  dispose(): void {
    this.removal.abort();
    this.element.pause();
    this.element.removeAttribute('src');
    // What is still being read is given up.
    this.element.load();
  }

  private listen(name: keyof HTMLMediaElementEventMap, listener: () => void): void {
    this.element.addEventListener(name, listener, { signal: this.removal.signal });
  }
}

export const openMedia: (() => Media) | null = () => new ElementMedia();

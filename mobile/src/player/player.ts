import { NetworkFailure } from '../api/problem';
import { Observable } from '../app/observable';
import type { Media, MediaEvent } from './media.types';

export const STEP_SEC = 10;
export const RATES = [1, 1.25, 1.5, 1.75, 2, 0.75] as const;

export interface PlayerState {
  readonly status: 'paused' | 'loading' | 'playing';
  readonly positionSec: number;
  readonly rate: number;
  /** Why nothing is heard. */
  readonly failure: unknown;
}

export interface Source {
  /** A new address of the recording; it works for some minutes. */
  address(): Promise<string>;
  readonly durationSec: number | null;
}

/**
 * Plays one lecture. Nothing is requested before the first playback.
 *
 * The length is the transcription's: a recording that was written piece by piece has none. An address that does not work
 * (any more) is replaced once; what fails after that, without having played in between, is shown.
 */
export class Player {
  readonly state = new Observable<PlayerState>({ status: 'paused', positionSec: 0, rate: 1, failure: null });
  private loaded = false;
  private replaced = false;
  /** Whether it should be heard: an address that arrives after a pause starts nothing. */
  private wanted = false;
  /** The second at which playback of a span stops; null after any other control was used. */
  private until: number | null = null;
  private opening: Promise<void> | null = null;
  private media: Media | null = null;

  constructor(
    private readonly openMedia: () => Media,
    private readonly source: Source,
  ) {}

  async play(): Promise<void> {
    this.wanted = true;
    this.change({ status: 'loading', failure: null });
    const { positionSec } = this.state.get();
    if (this.source.durationSec !== null && positionSec >= this.source.durationSec) this.seek(0);
    try {
      await this.open();
    } catch (failure) {
      this.stop(failure);
      return;
    }
    if (!this.wanted) return;
    // What else prevents it is an event as well.
    await this.opened().play().catch((refusal: unknown) => {
      if (refusal instanceof Error && refusal.name === 'NotAllowedError') this.stop(null);
    });
  }

  pause(): void {
    this.wanted = false;
    this.until = null;
    this.media?.pause();
    this.change({ status: 'paused' });
  }

  toggle(): void {
    if (this.wanted) this.pause();
    else void this.play();
  }

  seek(sec: number): void {
    this.until = null;
    const end = this.source.durationSec ?? Infinity;
    const positionSec = Math.max(0, Math.min(end, sec));
    this.change({ positionSec });
    if (this.loaded) this.media?.seek(positionSec);
  }

  skip(sec: number): void {
    this.seek(this.state.get().positionSec + sec);
  }

  /** What a citation does. */
  playFrom(sec: number): void {
    this.seek(sec);
    void this.play();
  }

  /** Plays from one second to another, and stops there. */
  playSpan(startSec: number, endSec: number): void {
    this.seek(startSec);
    this.until = endSec;
    void this.play();
  }

  /** Where a link leads: it is played if a press in the app led there, as browsers demand. */
  openAt(sec: number): void {
    if (this.opened().isExpected()) this.playFrom(sec);
    else this.seek(sec);
  }

  setRate(rate: number): void {
    this.change({ rate });
    this.media?.setRate(rate);
  }

  /** Ends what plays and loads. */
  dispose(): void {
    this.wanted = false;
    this.loaded = false;
    this.opening = null;
    this.media?.dispose();
    this.media = null;
  }

  private opened(): Media {
    if (this.media === null) {
      const media = this.openMedia();
      this.media = media;
      media.subscribe((event) => {
        if (media === this.media) this.on(event, media);
      });
      const { rate } = this.state.get();
      if (rate !== 1) media.setRate(rate);
    }
    return this.media;
  }

  private open(): Promise<void> {
    if (this.loaded) return Promise.resolve();
    if (this.opening === null) {
      const opening: Promise<void> = this.source
        .address()
        .then((address) => {
          if (this.opening !== opening) return;
          this.loaded = true;
          this.opened().load(address, this.state.get().positionSec);
        })
        .finally(() => {
          if (this.opening === opening) this.opening = null;
        });
      this.opening = opening;
    }
    return this.opening;
  }

  private on(event: MediaEvent, media: Media): void {
    switch (event) {
      case 'playing':
        this.replaced = false;
        this.change({ status: 'playing', failure: null });
        return;
      case 'waiting':
        if (this.wanted) this.change({ status: 'loading' });
        return;
      case 'moved':
        this.change({ positionSec: media.positionSec() });
        if (this.until !== null && media.positionSec() >= this.until) this.pause();
        return;
      case 'paused':
      case 'ended':
        // Also by the system: headphones that are pulled out, a call.
        this.stop(this.state.get().failure);
        return;
      case 'failed':
        this.replace();
    }
  }

  private replace(): void {
    this.loaded = false;
    if (!this.wanted) return;
    if (this.replaced) {
      this.stop(new NetworkFailure('The recording cannot be read.'));
      return;
    }
    this.replaced = true;
    void this.play();
  }

  private stop(failure: unknown): void {
    this.wanted = false;
    this.until = null;
    this.replaced = false;
    this.change({ status: 'paused', failure });
  }

  private change(change: Partial<PlayerState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }
}

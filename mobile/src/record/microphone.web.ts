import type { RecorderFailure } from './types';

export class MicrophoneFailure extends Error {
  override readonly name = 'MicrophoneFailure';

  constructor(readonly reason: RecorderFailure) {
    super(reason);
  }
}

export interface MicrophoneEvents {
  piece(data: Blob): void;
  /** Recording ended without `stop`: the microphone was disconnected, or the recorder failed. */
  ended(): void;
}

/** A microphone that is open, and its recorder. */
export interface Microphone {
  readonly contentType: string;
  /** Delivers a piece every `pieceMs`. The pieces, joined, are one file, which can be cut at any place. */
  record(pieceMs: number, events: MicrophoneEvents): void;
  pause(): void;
  resume(): void;
  /** Resolves once the last piece was delivered. */
  stop(): Promise<void>;
  /** 0 to 1. */
  level(): number;
  close(): void;
}

/** Formats that are readable without their end, the preferred first. Safari has the second only. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4'];
/** Speech stays clear, and three hours are less than 90 MB. */
const BITS_PER_SECOND = 64_000;

/** Power against full scale that the meter shows as nothing, and as all. */
const SILENCE_DB = -55;
const LOUD_DB = -6;

/** Raises `MicrophoneFailure`. */
export async function openMicrophone(): Promise<Microphone> {
  // A page over plain HTTP has no `mediaDevices`.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const type = typeof MediaRecorder === 'undefined' ? undefined : TYPES.find((each) => MediaRecorder.isTypeSupported(each));
  if (devices === undefined || type === undefined) throw new MicrophoneFailure('unsupported');
  let stream: MediaStream;
  try {
    stream = await devices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, autoGainControl: true } });
  } catch (error) {
    const denied = error instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(error.name);
    throw new MicrophoneFailure(denied ? 'denied' : 'missing');
  }
  return new OpenMicrophone(stream, new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND }));
}

class OpenMicrophone implements Microphone {
  private readonly context = new AudioContext();
  private readonly analyser: AnalyserNode;
  private readonly samples: Float32Array<ArrayBuffer>;
  private stopping = false;

  constructor(
    private readonly stream: MediaStream,
    private readonly recorder: MediaRecorder,
  ) {
    this.analyser = this.context.createAnalyser();
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(stream).connect(this.analyser);
  }

  get contentType(): string {
    return this.recorder.mimeType;
  }

  record(pieceMs: number, events: MicrophoneEvents): void {
    this.recorder.ondataavailable = ({ data }) => events.piece(data);
    this.recorder.addEventListener('stop', () => {
      if (!this.stopping) events.ended();
    });
    this.recorder.start(pieceMs);
  }

  pause(): void {
    // What was recorded until now is stored immediately: a pause may be long.
    this.recorder.requestData();
    this.recorder.pause();
  }

  resume(): void {
    this.recorder.resume();
  }

  stop(): Promise<void> {
    this.stopping = true;
    if (this.recorder.state === 'inactive') return Promise.resolve();
    return new Promise((resolve) => {
      this.recorder.addEventListener('stop', () => resolve(), { once: true });
      this.recorder.stop();
    });
  }

  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    const decibels = 10 * Math.log10(power + 1e-9);
    return Math.min(1, Math.max(0, (decibels - SILENCE_DB) / (LOUD_DB - SILENCE_DB)));
  }

  close(): void {
    this.stream.getTracks().forEach((track) => track.stop());
    void this.context.close();
  }
}

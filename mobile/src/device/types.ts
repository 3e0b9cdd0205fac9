import type { Recordings } from '../record/recordings';
import type { Recorder } from '../record/types';
import type { QueuedUpload } from '../upload/queue';
import type { Event, Upload } from '../upload/types';

export interface ChosenFile {
  readonly name: string;
  readonly contentType: string;
  readonly data: Blob;
}

/** The uploads, whichever tab carries them out. */
export interface Uploads {
  readonly get: () => readonly QueuedUpload[];
  readonly subscribe: (changed: () => void) => () => void;
  add(upload: Upload): Promise<void>;
  dispatch(id: string, event: Event): void;
  remove(id: string): Promise<void>;
  setWifiOnly(value: boolean): void;
}

/** What the device keeps and does for the views. */
export interface Device {
  readonly recorder: Recorder;
  readonly recordings: Recordings;
  readonly uploads: Uploads;
  /** Whether the device tells Wi-Fi from a mobile network. */
  readonly tellsNetworks: boolean;
  /** Null if the student chose none. */
  chooseFile(): Promise<ChosenFile | null>;
  /** Bytes that can still be stored; null where the device does not say. */
  freeBytes(): Promise<number | null>;
}

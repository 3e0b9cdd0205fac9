import { useSyncExternalStore } from 'react';

import { useServices } from '../app/Services';
import type { Recording, RecorderState } from '../record/types';
import type { QueuedUpload } from '../upload/queue';
import type { Device } from './types';

const nothing = { subscribe: () => () => undefined };
const noRecordings: readonly Recording[] = [];
const noUploads: readonly QueuedUpload[] = [];

/** The device; for views that are shown only where there is one. */
export function useDevice(): Device {
  const { device } = useServices();
  if (device === null) throw new Error('This device keeps nothing.');
  return device;
}

/** Recordings on this device, the newest first; null until they were read. */
export function useRecordings(): readonly Recording[] | null {
  const recordings = useServices().device?.recordings;
  return useSyncExternalStore(recordings?.subscribe ?? nothing.subscribe, recordings?.get ?? (() => noRecordings));
}

export function useUploads(): readonly QueuedUpload[] {
  const uploads = useServices().device?.uploads;
  return useSyncExternalStore(uploads?.subscribe ?? nothing.subscribe, uploads?.get ?? (() => noUploads));
}

export function useUpload(id: string): QueuedUpload | null {
  return useUploads().find(({ upload }) => upload.id === id) ?? null;
}

export function useRecorderState(): RecorderState {
  const { recorder } = useDevice();
  return useSyncExternalStore(recorder.subscribe, recorder.get);
}

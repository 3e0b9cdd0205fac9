import type { Device } from '../device/types';
import { Recordings } from '../record/recordings';
import type { Recorder, Recording, RecordingStore } from '../record/types';

const recording = (id: string): Recording => ({
  id,
  startedAt: '2026-10-01T08:00:00Z',
  contentType: 'audio/webm',
  course: null,
  title: null,
  seconds: 60,
  bytes: 1000,
  marks: [],
  state: 'finished',
});

const none: ReturnType<Device['uploads']['get']> = [];

/** A device with recordings that are kept in memory, and no uploads. */
export function fakeDevice({ recordings: count }: { recordings: number }): Device {
  const kept = new Map(Array.from({ length: count }, (_, index) => [`r${index}`, recording(`r${index}`)]));
  const refuse = () => Promise.reject(new Error('not part of this test'));
  const store: RecordingStore = {
    ...({} as RecordingStore),
    all: async () => [...kept.values()],
    delete: async (id) => void kept.delete(id),
    update: refuse,
    adopt: refuse,
    file: refuse,
  };
  const recordings = new Recordings(store);
  void recordings.refresh();
  return {
    recorder: {} as Recorder,
    recordings,
    uploads: {
      get: () => none,
      subscribe: () => () => undefined,
      add: refuse,
      dispatch: () => undefined,
      remove: refuse,
      setWifiOnly: () => undefined,
    },
    tellsNetworks: false,
    chooseFile: async () => null,
    freeBytes: async () => null,
  };
}

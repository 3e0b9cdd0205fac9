import { createApi } from '../api/client';
import { systemClock } from '../api/send';
import { openMicrophone } from '../record/microphone.web';
import { RECORDING_LOCK, WebRecorder } from '../record/recorder.web';
import { Recordings } from '../record/recordings';
import { createRecordingStore } from '../record/recordingStore.web';
import { openDatabase } from '../storage/database.web';
import { createLocks } from '../storage/locks.web';
import { createNetworkMonitor, tellsNetworks } from '../upload/network.web';
import { UploadQueue } from '../upload/queue';
import { createStorage } from '../upload/storage.web';
import { createUploadStore } from '../upload/store.web';
import { chooseFile } from './chooseFile.web';
import { keepAwake } from './keepAwake.web';
import { type Message, SharedUploads } from './sharedUploads.web';
import type { Device } from './types';

const UPLOADING_LOCK = 'pegasus-uploading';

/** Raises if the browser stores nothing, as in some private windows. */
export async function createDevice(token: (fresh: boolean) => Promise<string | null>): Promise<Device> {
  const database = await openDatabase();
  const locks = createLocks(navigator.locks as LockManager | undefined);
  const channel = new BroadcastChannel('pegasus');
  const post = (message: Message) => channel.postMessage(message);
  const network = createNetworkMonitor(navigator, window);

  const stored = createRecordingStore(database);
  const recordings = new Recordings(stored, () => post({ kind: 'recordings' }));
  const recorder = new WebRecorder({
    recordings: stored,
    lock: locks.tryLock,
    openMicrophone: () => {
      // Otherwise a browser that is short of space may delete what a page has stored.
      void navigator.storage?.persist?.();
      return openMicrophone();
    },
    now: () => performance.now(),
    changed: () => void recordings.changed(),
  });
  keepAwake(recorder);

  const store = createUploadStore(database);
  const queue = new UploadQueue({
    store,
    storage: createStorage(window.fetch.bind(window)),
    network,
    clock: systemClock,
    file: (id) => recordings.file(id),
    api: (server) => createApi({ baseUrl: server, fetch: window.fetch.bind(window), token }),
    changed: () => post({ kind: 'uploads' }),
    defect: (error) => window.reportError(error),
  });
  const uploads = new SharedUploads({ queue, store, network, post });
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'recordings') void recordings.refresh();
    else void uploads.receive(data);
  };

  const release = await locks.tryLock(RECORDING_LOCK);
  if (release === null) await recordings.refresh();
  else {
    await recordings.recover();
    release();
  }
  await uploads.read();
  locks.keep(UPLOADING_LOCK, () => void uploads.work());

  return {
    recorder,
    recordings,
    uploads,
    tellsNetworks: tellsNetworks(navigator),
    chooseFile,
    async freeBytes() {
      const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
      return quota === undefined || usage === undefined ? null : quota - usage;
    },
  };
}

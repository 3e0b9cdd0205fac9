import { resultOf, transact } from '../storage/database.web';
import { type FileSource, FileUnreadable } from '../upload/ports';
import type { Recording, RecordingStore } from './types';

interface Chunk {
  readonly recordingId: string;
  readonly offset: number;
  readonly size: number;
  readonly data: ArrayBuffer | Blob;
}

export function createRecordingStore(database: IDBDatabase): RecordingStore {
  const known = async (recordings: IDBObjectStore, id: string): Promise<Recording> => {
    const found: Recording | undefined = await resultOf(recordings.get(id));
    if (found === undefined) throw new FileUnreadable(`There is no recording ${id}.`);
    return found;
  };

  return {
    all: () =>
      transact(database, ['recordings'], 'readonly', async (transaction) => {
        const found: Recording[] = await resultOf(transaction.objectStore('recordings').getAll());
        return found.sort((one, other) => other.startedAt.localeCompare(one.startedAt));
      }),

    create: (recording) =>
      transact(database, ['recordings'], 'readwrite', async (transaction) => {
        await resultOf(transaction.objectStore('recordings').add(recording));
      }),

    append: (id, data, seconds) =>
      transact(database, ['recordings', 'chunks'], 'readwrite', async (transaction) => {
        const recordings = transaction.objectStore('recordings');
        const recording = await known(recordings, id);
        const chunk: Chunk = { recordingId: id, offset: recording.bytes, size: data.byteLength, data };
        await resultOf(transaction.objectStore('chunks').add(chunk));
        await resultOf(recordings.put({ ...recording, seconds, bytes: recording.bytes + data.byteLength }));
      }),

    adopt: (recording, file) =>
      transact(database, ['recordings', 'chunks'], 'readwrite', async (transaction) => {
        const chunk: Chunk = { recordingId: recording.id, offset: 0, size: file.size, data: file };
        await resultOf(transaction.objectStore('recordings').add({ ...recording, bytes: file.size }));
        await resultOf(transaction.objectStore('chunks').add(chunk));
      }),

    update: (id, change) =>
      transact(database, ['recordings'], 'readwrite', async (transaction) => {
        const recordings = transaction.objectStore('recordings');
        await resultOf(recordings.put({ ...(await known(recordings, id)), ...change }));
      }),

    delete: (id) =>
      transact(database, ['recordings', 'chunks'], 'readwrite', async (transaction) => {
        await resultOf(transaction.objectStore('recordings').delete(id));
        await resultOf(transaction.objectStore('chunks').delete(IDBKeyRange.bound([id, 0], [id, Infinity])));
      }),

    file: async (id) => {
      const recording = await transact(database, ['recordings'], 'readonly', (transaction) =>
        known(transaction.objectStore('recordings'), id),
      );
      return new ChunkedFile(database, id, recording.bytes);
    },
  };
}

class ChunkedFile implements FileSource {
  constructor(
    private readonly database: IDBDatabase,
    private readonly id: string,
    readonly size: number,
  ) {}

  async slice(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = await this.chunks(offset, offset + length);
    const bytes = new Uint8Array(length);
    let filled = 0;
    for (const chunk of chunks) {
      const from = Math.max(offset - chunk.offset, 0);
      const until = Math.min(offset + length - chunk.offset, chunk.size);
      const part = await bytesOf(chunk.data, from, until);
      bytes.set(part, chunk.offset + from - offset);
      filled += part.length;
    }
    if (filled !== length) throw new FileUnreadable(`Bytes ${offset} to ${offset + length} are missing.`);
    return bytes;
  }

  /** The chunks that hold bytes from `from` up to `until`. */
  private chunks(from: number, until: number): Promise<Chunk[]> {
    return transact(this.database, ['chunks'], 'readonly', async (transaction) => {
      const store = transaction.objectStore('chunks');
      const before = IDBKeyRange.bound([this.id, 0], [this.id, from]);
      const first = (await resultOf(store.openCursor(before, 'prev')))?.value as Chunk | undefined;
      if (first === undefined) return [];
      return resultOf<Chunk[]>(
        store.getAll(IDBKeyRange.bound([this.id, first.offset], [this.id, until], false, true)),
      );
    });
  }
}

async function bytesOf(data: ArrayBuffer | Blob, from: number, until: number): Promise<Uint8Array> {
  if (until <= from) return new Uint8Array(0);
  if ('byteLength' in data) return new Uint8Array(data, from, until - from);
  try {
    return new Uint8Array(await data.slice(from, until).arrayBuffer());
  } catch (error) {
    throw new FileUnreadable(String(error)); // The chosen file was changed or removed.
  }
}

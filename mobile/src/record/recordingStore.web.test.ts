import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import fc from 'fast-check';

import { openDatabase } from '../storage/database.web';
import { FileUnreadable } from '../upload/ports';
import { createRecordingStore } from './recordingStore.web';
import type { Recording } from './types';

const recording: Recording = {
  id: 'r',
  startedAt: '2026-01-01T10:00:00Z',
  contentType: 'audio/webm',
  course: { courseId: 'c', title: null },
  title: null,
  seconds: 0,
  bytes: 0,
  marks: [],
  state: 'recording',
};

const store = async (factory = new IDBFactory()) => createRecordingStore(await openDatabase(factory));

test('what was appended before a crash is there after a restart, in any slice', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(), fc.nat(), async (chunks, one, other) => {
      const factory = new IDBFactory();
      const before = await store(factory);
      await before.create(recording);
      for (const [index, chunk] of chunks.entries()) await before.append('r', chunk.slice().buffer, 2 * (index + 1));

      const after = await store(factory); // Nothing but the database is left.
      const all = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
      expect(await after.all()).toEqual([{ ...recording, bytes: all.length, seconds: 2 * chunks.length }]);
      const file = await after.file('r');
      expect(file.size).toBe(all.length);
      const from = one % all.length;
      const length = 1 + (other % (all.length - from));
      expect([...(await file.slice(from, length))]).toEqual([...all.slice(from, from + length)]);
    }),
    { numRuns: 40, interruptAfterTimeLimit: 4_000, markInterruptAsFailure: true },
  );
});

test('bytes that are not there are an error, not zeros', async () => {
  const recordings = await store();
  await recordings.create(recording);
  await recordings.append('r', new Uint8Array([1, 2, 3]).buffer, 1);
  const file = await recordings.file('r');
  await expect(file.slice(2, 5)).rejects.toBeInstanceOf(FileUnreadable);
  await recordings.delete('r');
  await expect(file.slice(0, 1)).rejects.toBeInstanceOf(FileUnreadable);
  await expect(recordings.file('r')).rejects.toBeInstanceOf(FileUnreadable);
});

test('an append to a deleted recording leaves no bytes behind', async () => {
  const factory = new IDBFactory();
  const recordings = await store(factory);
  await expect(recordings.append('r', new Uint8Array([1]).buffer, 1)).rejects.toBeInstanceOf(FileUnreadable);
  await recordings.create(recording);
  expect((await recordings.file('r')).size).toBe(0);
  await recordings.append('r', new Uint8Array([7]).buffer, 1);
  expect([...(await (await recordings.file('r')).slice(0, 1))]).toEqual([7]);
});

test("deleting one recording leaves the others' bytes", async () => {
  const recordings = await store();
  for (const id of ['a', 'a0', 'b']) {
    await recordings.create({ ...recording, id });
    await recordings.append(id, new Uint8Array([id.length]).buffer, 1);
  }
  await recordings.delete('a');
  expect((await recordings.all()).map(({ id }) => id).sort()).toEqual(['a0', 'b']);
  expect([...(await (await recordings.file('a0')).slice(0, 1))]).toEqual([2]);
});

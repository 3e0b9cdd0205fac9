import { resultOf, transact } from '../storage/database.web';
import type { UploadStore } from './ports';
import type { Upload } from './types';

export function createUploadStore(database: IDBDatabase): UploadStore {
  return {
    all: () =>
      transact(database, ['uploads'], 'readonly', (transaction) =>
        resultOf<Upload[]>(transaction.objectStore('uploads').getAll()),
      ),
    put: (upload) =>
      transact(database, ['uploads'], 'readwrite', async (transaction) => {
        await resultOf(transaction.objectStore('uploads').put(upload));
      }),
    delete: (id) =>
      transact(database, ['uploads'], 'readwrite', async (transaction) => {
        await resultOf(transaction.objectStore('uploads').delete(id));
      }),
  };
}

/** The app's IndexedDB: recordings, their bytes, and uploads. */
const NAME = 'pegasus';
const VERSION = 1;

export type StoreName = 'recordings' | 'chunks' | 'uploads';

export function openDatabase(factory: IDBFactory = indexedDB): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore('recordings', { keyPath: 'id' });
      database.createObjectStore('uploads', { keyPath: 'id' });
      // By offset, so that a slice is found without reading what is before it.
      database.createObjectStore('chunks', { keyPath: ['recordingId', 'offset'] });
    };
    request.onsuccess = () => {
      // A newer version of the app in another tab may change the stores.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

/** The result of a request of IndexedDB. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Runs `work` in one transaction. Resolves once it is committed; a rejected `work` rolls it back. */
export async function transact<T>(
  database: IDBDatabase,
  stores: StoreName[],
  mode: IDBTransactionMode,
  work: (transaction: IDBTransaction) => Promise<T>,
): Promise<T> {
  // `strict`: committed means written to the disk, not only to the system's cache.
  const transaction = database.transaction(stores, mode, { durability: 'strict' });
  const committed = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'));
  });
  committed.catch(() => undefined);
  let result: T;
  try {
    result = await work(transaction);
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It has ended already.
    }
    throw error;
  }
  await committed;
  return result;
}

import { type Persistence, browserLocalPersistence, indexedDBLocalPersistence } from '@firebase/auth';

/** Where a session is kept: the first that the browser allows. */
export const persistence: Persistence[] = [indexedDBLocalPersistence, browserLocalPersistence];

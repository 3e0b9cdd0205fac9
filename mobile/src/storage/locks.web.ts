/** Locks that hold between the tabs of a browser, and end with the tab that has them. */
export interface Locks {
  /** Resolves to what releases the lock; to null if another tab has it. */
  tryLock(name: string): Promise<(() => void) | null>;
  /** Calls `then` once the lock is free; it is kept as long as the tab is there. */
  keep(name: string, then: () => void): void;
}

/** A page over plain HTTP has no locks: it acts as if it were the only one. */
const alone: Locks = { tryLock: async () => () => undefined, keep: (_, then) => then() };

export function createLocks(manager: LockManager | undefined): Locks {
  if (manager === undefined) return alone;
  return {
    tryLock: (name) =>
      new Promise((resolve, reject) => {
        manager
          .request(name, { ifAvailable: true }, (lock) => {
            if (lock === null) {
              resolve(null);
              return undefined;
            }
            return new Promise<void>((release) => resolve(release));
          })
          .catch(reject);
      }),
    keep(name, then) {
      void manager.request(name, () => {
        then();
        return new Promise<void>(() => undefined);
      });
    },
  };
}

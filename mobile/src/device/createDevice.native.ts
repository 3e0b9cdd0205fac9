import type { Device } from './types';

/** Phones do not record yet: there is no recorder and no store for them. */
export async function createDevice(_token: (fresh: boolean) => Promise<string | null>): Promise<Device | null> {
  return null;
}

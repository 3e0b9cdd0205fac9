import type { Notices } from './notices.types';

/** Phones are not notified yet. */
export const notices: Notices = {
  permission: () => 'refused',
  ask: async () => 'refused',
  show: () => undefined,
};

import type { Media } from './media.types';

/** Phones do not play yet: a citation shows its time there. */
export const openMedia: (() => Media) | null = null;

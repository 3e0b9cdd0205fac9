import { type Page, expect } from '@playwright/test';

export const player = (page: Page) => page.getByRole('region', { name: 'Player' });
export const slider = (page: Page) => player(page).getByRole('slider');
export const second = async (page: Page) => Number(await slider(page).getAttribute('aria-valuenow'));

/** The second that a control names, such as `Play from 1:34: …`. */
export function named(label: string | null): number {
  const [, minutes, seconds] = /(\d+):(\d\d)/.exec(label ?? '') ?? [];
  return 60 * Number(minutes) + Number(seconds);
}

/** The player plays, and began at about this second. */
export async function plays(page: Page, from: number): Promise<void> {
  await expect(player(page).getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect.poll(() => second(page)).toBeGreaterThanOrEqual(from);
  expect(await second(page)).toBeLessThan(from + 8);
}

import { type Page, test as base, expect } from '@playwright/test';
import { randomUUID } from 'node:crypto';

import { files, stack } from './stack';

/** Every test fails if the page raised, broke its content security policy, or sent something elsewhere. */
export const test = base.extend<{ watched: void }>({
  watched: [
    async ({ context }, use) => {
      const faults: string[] = [];
      const watch = (page: Page) => {
        page.on('pageerror', (error) => faults.push(`raised: ${error.message}`));
        page.on('console', (message) => {
          if (message.text().includes('Content Security Policy')) faults.push(message.text());
        });
        page.on('request', (request) => {
          const { origin, protocol } = new URL(request.url());
          const own = origin === stack.api || origin === stack.storage || ['blob:', 'data:'].includes(protocol);
          if (!own) faults.push(`sent to ${origin}`);
        });
      };
      context.pages().forEach(watch);
      context.on('page', watch);
      await use();
      await deleteMade();
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

/** Lectures of the running test. They are deleted with it, so that their work does not slow the next one down. */
const made = new Set<string>();

async function deleteMade(): Promise<void> {
  for (const lectureId of made) await fetch(`${stack.api}/lectures/${lectureId}`, { method: 'DELETE' });
  made.clear();
}

export { expect };

export const unique = (name: string) => `${name} ${randomUUID().slice(0, 8)}`;

export async function openApp(page: Page, path = ''): Promise<void> {
  await page.goto(path);
  // Of the view itself: on a wide screen its list is there before it.
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

export async function choose(page: Page, file = files.short): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles(file);
  await expect(page.getByRole('heading', { name: 'Name the recording' })).toBeVisible();
}

/** Names the recording that is shown, in a new course, and begins its upload. Returns the lecture's id. */
export async function nameAndUpload(page: Page, title: string, course: string): Promise<string> {
  await page.getByLabel('Title of the lecture').fill(title);
  const isNew = page.getByRole('radio', { name: 'New course' });
  const first = page.getByRole('textbox', { name: 'Course', exact: true });
  await expect(isNew.or(first)).toBeVisible();
  if (await isNew.isVisible()) {
    await isNew.click();
    await page.getByRole('textbox', { name: 'Title of the new course' }).fill(course);
  } else {
    await first.fill(course);
  }
  await page.getByRole('button', { name: 'Upload and transcribe' }).click();
  await expect(page).toHaveURL(/\/app\/lectures\//);
  const lectureId = page.url().split('/').at(-1) ?? '';
  made.add(lectureId);
  return lectureId;
}

/** The view shows the lecture as the server has it: its upload was confirmed. A short one is ready within a second, and
 *  then its progress is not shown any more. */
export async function confirmed(page: Page): Promise<void> {
  const followed = page.getByRole('list', { name: 'Progress of the lecture' });
  await expect(followed.or(page.getByRole('tablist')).first()).toBeVisible({ timeout: 60_000 });
}

export async function completed(page: Page): Promise<void> {
  await expect(page.getByRole('tablist')).toBeVisible({ timeout: 100_000 });
}

/** Waits until the clock of the recording shows at least so many seconds. */
export async function recorded(page: Page, seconds: number): Promise<void> {
  await expect
    .poll(async () => {
      const [minutes = 0, rest = 0] = ((await page.getByRole('timer').textContent()) ?? '0:00').split(':').map(Number);
      return 60 * minutes + rest;
    }, { timeout: 1000 * seconds + 20_000 })
    .toBeGreaterThanOrEqual(seconds);
}

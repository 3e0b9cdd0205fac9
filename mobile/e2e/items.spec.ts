import type { Page } from '@playwright/test';

import { checked } from './accessible';
import { choose, completed, expect, nameAndUpload, openApp, test, unique } from './fixtures';
import { files, stack } from './stack';

interface Card {
  readonly id: string;
  readonly front: string;
  readonly kind: string;
}

const address = (lectureId: string) => `${stack.api}/lectures/${lectureId}`;

async function deck(lectureId: string): Promise<{ cards: Card[]; etag: string }> {
  const answer = await fetch(`${address(lectureId)}/artifacts/flashcards`);
  const { content } = await answer.json();
  return { cards: content.cards, etag: answer.headers.get('ETag') ?? '' };
}

/** Another client words a card. */
async function wordedElsewhere(lectureId: string, card: Card, back: string): Promise<void> {
  const answer = await fetch(`${address(lectureId)}/items/${card.id}`, {
    method: 'PATCH',
    headers: { 'If-Match': (await deck(lectureId)).etag, 'Content-Type': 'application/json' },
    body: JSON.stringify({ back }),
  });
  expect(answer.status).toBe(200);
}

/** Light and dark. */
async function pictured(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await checked(page, `${name}-${colorScheme}`);
  }
}

test('items are hidden, worded and added, and what was made again has it', { tag: '@selection-phone' }, async ({ page }) => {
  test.setTimeout(240_000);
  await openApp(page);
  await choose(page, files.items);
  const lectureId = await nameAndUpload(page, unique('Hash tables'), unique('Data Structures'));
  await completed(page);
  await page.getByRole('tab', { name: 'Cards' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Cards' });
  const { cards } = await deck(lectureId);
  const [first, second] = cards;
  if (first === undefined || second === undefined) throw new Error('The lecture has too few cards.');
  await expect(panel.getByText(`Card 1 of ${cards.length}`)).toBeVisible();
  await pictured(page, 'items-cards');

  // Hidden: the next card is shown, and the deck of the server has it no more.
  await panel.getByRole('button', { name: 'Hide:' }).click();
  await expect(panel.getByText(`Card 1 of ${cards.length - 1}`)).toBeVisible();
  expect((await deck(lectureId)).cards.map(({ id }) => id)).not.toContain(first.id);
  await panel.getByRole('button', { name: 'Show 1 hidden' }).click();
  await pictured(page, 'items-hidden');

  // Worded while another client was faster.
  await panel.getByRole('button', { name: 'Edit:' }).click();
  const sheet = page.getByRole('dialog', { name: 'Edit' });
  await sheet.getByRole('textbox', { name: 'Back' }).fill('My own words.');
  await pictured(page, 'items-edit');
  await wordedElsewhere(lectureId, second, 'Words from the laptop.');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await expect(sheet.getByText('The material was changed meanwhile')).toBeVisible();
  await pictured(page, 'items-conflict');
  await sheet.getByRole('button', { name: 'Read it again' }).click();
  await expect(sheet.getByText('It reads now: Words from the laptop.')).toBeVisible();
  await sheet.getByRole('button', { name: 'Save' }).click();
  await expect(sheet).toBeHidden();
  await expect(panel.getByText('Changed by you')).toBeVisible();
  await panel.getByRole('button', { name: 'Show the answer' }).click();
  await expect(panel.getByText('My own words.')).toBeVisible();

  // Added to the terms and the questions.
  await page.getByRole('tab', { name: 'Terms' }).click();
  await page.getByRole('button', { name: 'Add a term' }).click();
  await page.getByRole('textbox', { name: 'Term' }).fill('My term');
  await page.getByRole('textbox', { name: 'Meaning' }).fill('What I call it.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'My term' })).toBeVisible();
  await pictured(page, 'items-terms');
  await page.getByRole('tab', { name: 'Questions' }).click();
  await page.getByRole('button', { name: 'Add a question' }).click();
  await page.getByRole('textbox', { name: 'Question' }).fill('What do I ask myself?');
  await page.getByRole('textbox', { name: 'Answer' }).fill('This.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'What do I ask myself?' })).toBeVisible();
  await pictured(page, 'items-questions');

  // Made again: everything stays.
  const versions = async () => {
    const { artifacts } = await (await fetch(`${address(lectureId)}/artifacts`)).json();
    return artifacts.map(({ version }: { version: number }) => version);
  };
  const before = await versions();
  expect((await fetch(`${address(lectureId)}/generate`, { method: 'POST' })).status).toBe(202);
  await expect.poll(versions, { timeout: 60_000 }).toEqual(before.map((version: number) => version + 1));
  await page.reload();
  await completed(page);
  await page.getByRole('tab', { name: 'Cards' }).click();
  await expect(panel.getByText(`Card 1 of ${cards.length - 1}`)).toBeVisible();
  await expect(panel.getByText('Changed by you')).toBeVisible();
  await page.getByRole('tab', { name: 'Terms' }).click();
  await expect(page.getByRole('heading', { name: 'My term' })).toBeVisible();
});

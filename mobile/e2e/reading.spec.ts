import { readFileSync } from 'node:fs';

import { checked } from './accessible';
import { choose, completed, expect, nameAndUpload, openApp, test, unique } from './fixtures';
import { named, player, plays, second, slider } from './playing';
import { stack } from './stack';

/** Another client corrects the first utterance. */
async function correctedElsewhere(lectureId: string, text: string): Promise<void> {
  const address = `${stack.api}/lectures/${lectureId}/transcript`;
  const etag = (await fetch(`${address}?words=false`)).headers.get('ETag') ?? '';
  const answer = await fetch(address, {
    method: 'PATCH',
    headers: { 'If-Match': etag, 'Content-Type': 'application/json' },
    body: JSON.stringify({ corrections: [{ utteranceId: 0, text }] }),
  });
  expect(answer.status).toBe(200);
}

test('a lecture is read, played and taken along', { tag: '@selection-desktop' }, async ({ page }) => {
  test.setTimeout(240_000);
  const ranges: (string | undefined)[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'media') ranges.push(request.headers()['range']);
  });
  await openApp(page);
  await choose(page);
  const title = unique('Hash tables');
  const lectureId = await nameAndUpload(page, title, unique('Data Structures'));
  await completed(page);

  // The transcript: a tap plays, and what is played is marked.
  const rows = page.getByRole('tabpanel').getByRole('listitem').getByRole('button');
  const row = rows.nth(1);
  await row.click();
  await plays(page, named(await row.getAttribute('aria-label')));
  await expect(row).toHaveAttribute('aria-current', 'true');
  await player(page).getByRole('button', { name: '10 seconds back' }).click();
  await player(page).getByRole('button', { name: 'Pause' }).click();
  await expect(player(page).getByRole('button', { name: 'Play' })).toBeVisible();
  await checked(page, 'read-transcript');

  // The timeline by keyboard.
  await slider(page).focus();
  await page.keyboard.press('Home');
  await expect.poll(() => second(page)).toBe(0);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => second(page)).toBe(10);

  for (const view of ['Summary', 'Outline', 'Terms', 'Cards', 'Questions'] as const) {
    await page.getByRole('tab', { name: view }).click();
    const panel = page.getByRole('tabpanel', { name: view });
    await expect(panel.getByText(/Made by/)).toBeVisible();
    const answer = panel.getByRole('button', { name: 'Show the answer' });
    if (await answer.first().isVisible()) await answer.first().click();
    const chip = panel.getByRole('button', { name: /Play from/ }).last();
    await chip.click();
    await plays(page, named(await chip.getAttribute('aria-label')));
    await checked(page, `read-${view.toLowerCase()}`);
  }
  await page.getByRole('tab', { name: 'Threads' }).click();
  await expect(page.getByRole('tabpanel', { name: 'Threads' }).getByText(/./).first()).toBeVisible();
  await checked(page, 'read-threads');

  await page.getByRole('tab', { name: 'Files' }).click();
  await checked(page, 'read-files');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).first().click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.pdf$/);
  expect(readFileSync(await file.path()).subarray(0, 5).toString()).toBe('%PDF-');

  expect(ranges.length).toBeGreaterThan(0);
  expect(ranges.filter((range) => !range?.startsWith('bytes='))).toEqual([]);

  // A link to a second opens there, and does not start playback.
  await page.goto(`lectures/${lectureId}?t=12`);
  await expect.poll(() => second(page)).toBe(12);
  await expect(rows.and(page.locator('[aria-current=true]'))).toBeVisible();
  await expect(player(page).getByRole('button', { name: 'Play' })).toBeVisible();

  // A hit of the search plays.
  const { utterances } = await (await fetch(`${stack.api}/lectures/${lectureId}/transcript?words=false`)).json();
  const words = utterances.at(-1).text.replace(/[^\p{L}\s]/gu, ' ').split(/\s+/).filter((word: string) => word.length > 4);
  await page.goto('search');
  await page.getByLabel('Words that were said').fill(words.slice(0, 2).join(' '));
  const hit = page.getByRole('button', { name: /Play from/ }).first();
  await expect(hit).toBeVisible();
  await checked(page, 'search');
  const at = named(await hit.getAttribute('aria-label'));
  await hit.click();
  await expect(page).toHaveURL(new RegExp(`lectures/${lectureId}\\?t=${at}$`));
  await plays(page, at);
  await player(page).getByRole('button', { name: 'Pause' }).click();

  // Another client was faster: nothing is lost, and the second try is of the transcript as it is then.
  await page.getByRole('button', { name: 'Correct the transcript' }).click();
  await rows.first().click();
  await page.getByRole('textbox', { name: 'What was said' }).fill('Welcome, everybody.');
  await correctedElsewhere(lectureId, 'Welcome to all.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The transcript was changed meanwhile')).toBeVisible();
  await checked(page, 'correct-conflict');
  await page.getByRole('button', { name: 'Read it again' }).click();
  await expect(page.getByText('It reads now: Welcome to all.')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(rows.first()).toContainText('Welcome, everybody.');
  await page.getByRole('tab', { name: 'Summary' }).click();
  await expect(page.getByText('The transcript was corrected since')).toBeVisible();

  await page.getByRole('button', { name: 'Rename lecture' }).click();
  await page.getByRole('textbox', { name: 'Title of the lecture' }).fill(`${title}, renamed`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: `${title}, renamed` })).toBeVisible();
});

test('a correction is undone, and an earlier version of the transcript brought back', async ({ page }) => {
  test.setTimeout(240_000);
  await openApp(page);
  await choose(page);
  const lectureId = await nameAndUpload(page, unique('Hash tables'), unique('Data Structures'));
  await completed(page);
  const rows = page.getByRole('tabpanel').getByRole('listitem').getByRole('button');
  const said = async () => (await (await fetch(`${stack.api}/lectures/${lectureId}/transcript`)).json()).utterances;
  const recognized = await said();
  await page.getByRole('button', { name: 'Correct the transcript' }).click();
  await rows.first().click();
  await page.getByRole('textbox', { name: 'What was said' }).fill('Welcome, everybody.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(rows.first()).toContainText('Welcome, everybody.');
  await checked(page, 'correct-undo');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('The earlier version is back')).toBeVisible();
  // The times and probabilities of the words, too.
  expect(await said()).toEqual(recognized);

  await page.getByRole('button', { name: 'Earlier versions' }).click();
  await checked(page, 'correct-versions');
  await page.getByRole('button', { name: /^Version 2/ }).click();
  await expect(page.getByText('Welcome, everybody.')).toBeVisible();
  await checked(page, 'correct-version');
  await page.getByRole('button', { name: 'Bring this version back' }).click();
  await expect(rows.first()).toContainText('Welcome, everybody.');
});

import type { Page } from '@playwright/test';

import { checked } from './accessible';
import { choose, completed, expect, nameAndUpload, openApp, test, unique } from './fixtures';
import { arabic, english, serveMocked } from './mocked';
import { player, plays, second } from './playing';
import { stack } from './stack';

test.use({ serviceWorkers: 'block' });

const PATH = 'lectures/ready/cut';
const cut = (state: string, startSec: number) => ({
  startSec,
  endSec: startSec + 44.5,
  state,
  error: state === 'failed' ? { code: 'recording_not_silenced', message: '' } : null,
  createdAt: '2026-11-12T10:00:00Z',
});
const cuts = (...records: object[]) => ({ '/lectures/ready/cuts': { lectureId: 'ready', cuts: records } });
const row = (page: Page, time: string) => page.getByRole('button', { name: new RegExp(`^${time} `) });
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Cut this out for good?' });

for (const scheme of ['light', 'dark'] as const) {
  test(`every state of a cut is accessible, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    const shown = async (records: object, name: string) => {
      await page.unrouteAll();
      await serveMocked(page, english, cuts(...Object.values(records)));
      await openApp(page, PATH);
      await expect(page.getByText(/^Loading/)).toHaveCount(0);
      await expect(row(page, '1:34')).toBeVisible();
      await checked(page, `${scheme}-cut-${name}`);
    };
    await shown({}, 'begin');
    await shown([cut('silencing', 94)], 'silencing');
    await shown([cut('failed', 94)], 'failed');
    await shown([0, 94, 188, 282, 376].map((sec) => cut('silenced', sec)), 'earlier');

    await page.getByRole('textbox', { name: 'From' }).fill('1:30');
    await page.getByRole('textbox', { name: 'To' }).fill('99:00');
    await expect(page.getByText('The recording ends at 52:10.')).toBeVisible();
    await checked(page, `${scheme}-cut-beyond`);
    await page.getByRole('textbox', { name: 'To' }).fill('5:30');
    await expect(row(page, '3:08')).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('button', { name: /^4:42 · goes in part/ })).toBeVisible();
    await row(page, '3:08').scrollIntoViewIfNeeded();
    await checked(page, `${scheme}-cut-chosen`);
    await page.getByRole('button', { name: 'Cut it out' }).click();
    await checked(page, `${scheme}-cut-sure`);
  });
}

test('a cut by keyboard alone, refused and then made', { tag: '@selection-desktop' }, async ({ page }) => {
  let answer: object = { status: 422, json: { code: 'transcript_empty', detail: '', status: 422, requestId: 'r' } };
  await serveMocked(page, english, cuts());
  await page.route(`${stack.api}/lectures/ready/cuts`, (route) =>
    route.request().method() === 'POST' ? route.fulfill(answer) : route.fallback(),
  );
  await openApp(page, PATH);
  await row(page, '0:00').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Chosen: /)).toHaveText(/1:34.*4:38/);
  const button = page.getByRole('button', { name: 'Cut it out' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('button', { name: 'Cut it out' }).press('Enter');
  await expect(page.getByText('Nothing would be left of the transcript. Delete the lecture instead.')).toBeVisible();
  await checked(page, 'cut-refused');
  answer = { status: 202, json: { lectureId: 'ready', cuts: [cut('silenced', 94)], utterances: 2, silencingJobId: null, jobId: 'j' } };
  await dialog(page).getByRole('button', { name: 'Cut it out' }).press('Enter');
  await expect(dialog(page)).toBeHidden();
  // The button is gone: the focus is where it is said what became of it.
  await expect(page.locator(':focus').getByText('It is cut out', { exact: true })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'To the lecture' })).toBeFocused();
});

for (const [name, width, words, direction] of [
  ['with text at 200 %', 195, english, 'ltr'],
  ['from right to left', 390, arabic, 'rtl'],
] as const) {
  test(`what is chosen is within the screen ${name}`, async ({ page }) => {
    await page.setViewportSize({ width, height: Math.round((width * 844) / 390) });
    await serveMocked(page, words, cuts(cut('failed', 94)));
    await page.addInitScript((dir) => {
      new MutationObserver(() => document.documentElement?.setAttribute('dir', dir)).observe(document, { childList: true });
    }, direction);
    await openApp(page, PATH);
    await page.getByRole('textbox', { name: 'From' }).fill('0:10');
    await page.getByRole('textbox', { name: 'To' }).fill('2:10');
    const within = async () =>
      page.evaluate(() =>
        Array.from(document.querySelectorAll('[role=button], input, [role=alert]'))
          .map((node) => ({ name: node.getAttribute('aria-label'), box: node.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && (box.left < -1 || box.right > document.documentElement.clientWidth + 1))
          .map((each) => each.name),
      );
    expect(await within()).toEqual([]);
    await page.getByRole('button', { name: 'Cut it out' }).click();
    await expect(dialog(page)).toBeVisible();
    expect(await within()).toEqual([]);
    await checked(page, `cut-${direction}-${width}`);
  });
}

/** How loud the recording is from one second to another: the root of the mean square. */
const loudness = (page: Page, lectureId: string, startSec: number, endSec: number): Promise<number> =>
  page.evaluate(
    async ([address, from, to]) => {
      const bytes = await (await fetch(address as string)).arrayBuffer();
      const sound = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(bytes);
      const samples = sound.getChannelData(0).slice(Math.floor(Number(from) * sound.sampleRate), Math.floor(Number(to) * sound.sampleRate));
      return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    },
    [`${stack.api}/lectures/${lectureId}/audio`, startSec, endSec],
  );

test('a remark is cut out of a lecture: its words are gone, and the recording is silent there', { tag: '@selection-phone' }, async ({ page }) => {
  test.setTimeout(240_000);
  await openApp(page);
  await choose(page);
  const lectureId = await nameAndUpload(page, unique('Hash tables'), unique('Data Structures'));
  await completed(page);
  const said = async () => (await (await fetch(`${stack.api}/lectures/${lectureId}/transcript?words=false`)).json()).utterances;
  const before = await said();
  const [gone, stays] = [before[1], before[0]];
  expect(await loudness(page, lectureId, gone.startSec + 1, gone.endSec - 1)).toBeGreaterThan(0.01);
  const found = async (text: string) => {
    const words = text.replace(/[^\p{L}\s]/gu, ' ').split(/\s+/).filter((word) => word.length > 3).slice(0, 4);
    const answer = await fetch(`${stack.api}/search`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ q: words.join(' ') }) });
    return (await answer.json()).hits.filter((hit: { lectureId: string }) => hit.lectureId === lectureId).length;
  };
  expect(await found(gone.text)).toBe(1);

  await page.getByRole('button', { name: 'Cut something out' }).click();
  await expect(page).toHaveURL(new RegExp(`lectures/${lectureId}/cut$`));
  const sentence = page.getByRole('button', { name: gone.text });
  await sentence.click();
  // It is heard from three seconds before, and stops at its end.
  await page.getByRole('button', { name: 'Listen first' }).click();
  await plays(page, Math.floor(Math.max(0, gone.startSec - 3)));
  await expect(player(page).getByRole('button', { name: 'Play', exact: true })).toBeVisible({ timeout: 40_000 });
  expect(Math.abs((await second(page)) - gone.endSec)).toBeLessThan(2);

  await page.getByRole('button', { name: 'Cut it out' }).click();
  await expect(dialog(page).getByText(gone.text)).toBeVisible();
  await checked(page, 'cut-real-sure');
  await dialog(page).getByRole('button', { name: 'Cut it out' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByText('It is cut out', { exact: false }).first()).toBeVisible();
  await expect(sentence).toHaveCount(0);
  await expect(page.getByText('The recording is silent there and can be played again.', { exact: false })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Cut out already')).toBeVisible();
  await checked(page, 'cut-real-done');

  // Gone from the page, the API and the search.
  await page.getByRole('button', { name: 'To the lecture' }).click();
  await completed(page);
  await expect(page.getByText(stays.text)).toBeVisible();
  await expect(page.getByText(gone.text)).toHaveCount(0);
  expect((await said()).map(({ text }: { text: string }) => text)).not.toContain(gone.text);
  expect(await found(gone.text)).toBe(0);
  expect(await found(stays.text)).toBeGreaterThan(0);

  // It plays again, with silence there and the rest as it was.
  expect(await loudness(page, lectureId, gone.startSec + 0.2, gone.endSec - 0.2)).toBeLessThan(0.001);
  expect(await loudness(page, lectureId, stays.startSec, stays.endSec)).toBeGreaterThan(0.01);
  await page.getByRole('button', { name: stays.text }).click();
  await plays(page, Math.floor(stays.startSec));
});

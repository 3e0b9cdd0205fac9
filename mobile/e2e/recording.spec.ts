import { checked } from './accessible';
import { completed, confirmed, expect, nameAndUpload, openApp, recorded, test, unique } from './fixtures';
import { player, plays, slider } from './playing';

test('a recording with a pause and a mark is transcribed, and played from anywhere', { tag: '@selection-phone' }, async ({ page, browser }) => {
  test.setTimeout(180_000);
  await openApp(page);
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await recorded(page, 12);
  await page.getByRole('button', { name: 'Mark' }).click();
  await expect(page.getByLabel('1 moment marked')).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
  const shown = await page.getByRole('timer').textContent();
  await page.waitForTimeout(2500); // A pause is time that passes: there is nothing to wait for.
  expect(await page.getByRole('timer').textContent()).toBe(shown);
  await page.getByRole('button', { name: 'Go on' }).click();
  await recorded(page, 40);
  await page.getByRole('button', { name: 'Finish' }).click();

  await expect(page.getByText(/0:4\d · .*1 moment marked/)).toBeVisible();
  await nameAndUpload(page, unique('Recorded'), unique('Recording'));
  await confirmed(page);
  await completed(page);
  await expect(page.getByText(/data structures/i).last()).toBeVisible();

  // What a browser records is in pieces and names no duration.
  await slider(page).focus();
  await page.keyboard.press('ArrowRight');
  await player(page).getByRole('button', { name: 'Play' }).click();
  await plays(page, 10);

  // Another device of the student's has the mark, at its second. There it is named, and one is added.
  const other = await (await browser.newContext()).newPage();
  await openApp(other, new URL(page.url()).pathname);
  const transcript = other.getByRole('list', { name: 'Transcript' });
  const mark = transcript.getByRole('button', { name: /^Play the mark at 0:1[2-9]: Important$/ });
  await expect(mark).toBeVisible();
  await checked(other, 'marks-transcript');
  await mark.click();
  await plays(other, 12);
  await transcript.getByRole('button', { name: /^Edit: Mark at 0:1/ }).click();
  await other.getByRole('textbox', { name: 'Label' }).fill('Asked in the examination');
  await checked(other, 'marks-sheet');
  await other.keyboard.press('Enter');
  await expect(transcript.getByRole('button', { name: /: Asked in the examination$/ })).toBeVisible();
  await player(other).getByRole('button', { name: 'Mark this moment' }).click();
  await expect(transcript.getByRole('button', { name: /^Play the mark/ })).toHaveCount(2);

  await page.reload();
  const first = page.getByRole('list', { name: 'Transcript' });
  await expect(first.getByRole('button', { name: /: Asked in the examination$/ })).toBeVisible();
  await first.getByRole('button', { name: /^Edit: Mark at/ }).last().click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(first.getByRole('button', { name: /^Play the mark/ })).toHaveCount(1);
  await page.reload();
  await expect(first.getByRole('button', { name: /: Asked in the examination$/ })).toBeVisible();
  await expect(first.getByRole('button', { name: /^Play the mark/ })).toHaveCount(1);
});

test('a recording survives a crash of its page', { tag: '@selection-phone' }, async ({ page, context }) => {
  await openApp(page);
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await recorded(page, 10);
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => undefined);
  await crashed;

  const again = await context.newPage();
  await openApp(again);
  await expect(again.getByText(/The recording was interrupted/)).toBeVisible();
  // Pieces are two seconds long: no more than one of them, and what was being written, is lost.
  await expect(again.getByText(/0:(0[6-9]|1\d)/).first()).toBeVisible();
  await again.getByRole('button', { name: 'Name and upload' }).click();
  await nameAndUpload(again, unique('Recovered'), unique('Recording'));
  await confirmed(again);
  await completed(again);
});

test('two tabs do not record at the same time, and both show what is recorded', { tag: '@selection-phone' }, async ({ page, context }) => {
  await openApp(page);
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await recorded(page, 3);
  const other = await context.newPage();
  await openApp(other);
  await other.getByRole('button', { name: 'Record', exact: true }).click();
  await expect(other.getByText('Another tab is recording')).toBeVisible();
  await other.goto('');
  await page.getByRole('button', { name: 'Finish' }).click();
  await expect(other.getByText('Saved on this device, not uploaded yet')).toBeVisible();
  await other.getByRole('button', { name: 'Discard' }).click();
  await other.getByRole('button', { name: 'Discard recording' }).click();
  await expect(other.getByRole('heading', { name: 'On this device' })).toBeHidden();
  await expect(page.getByText('There is no such recording here')).toBeVisible();
});

test.describe('without the permission', () => {
  test.use({ permissions: [] });

  test('the microphone is said to be refused', { tag: '@selection-phone' }, async ({ page }) => {
    // The fake dialog always agrees, so the browser's refusal is put in its place.
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await openApp(page);
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await expect(page.getByRole('alert').getByText('The microphone is not allowed')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Start recording' })).toBeEnabled();
  });
});

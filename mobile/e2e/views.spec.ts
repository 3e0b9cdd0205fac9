import { checked } from './accessible';
import { choose, completed, expect, nameAndUpload, openApp, recorded, test, unique } from './fixtures';

for (const [scheme, tag] of [
  ['light', '@selection-phone'],
  ['dark', '@selection-desktop'],
] as const) {
  test(`every view is accessible, ${scheme}`, { tag }, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await openApp(page);
    await checked(page, `${scheme}-library`);
    await openApp(page, 'settings');
    await checked(page, `${scheme}-settings`);
    await openApp(page, 'nothing/here');
    await checked(page, `${scheme}-not-found`);
    await openApp(page, 'lectures/no-such-lecture');
    await expect(page.getByText('This lecture was deleted')).toBeVisible();
    await checked(page, `${scheme}-lecture-gone`);

    await openApp(page);
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.getByRole('button', { name: 'Mark' }).click();
    await recorded(page, 4);
    await checked(page, `${scheme}-recording`);
    await page.getByRole('button', { name: 'Finish' }).click();
    await expect(page.getByRole('heading', { name: 'Name the recording' })).toBeVisible();
    await checked(page, `${scheme}-name`);
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await checked(page, `${scheme}-discard`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await expect(page.getByText('Saved on this device, not uploaded yet')).toBeVisible();
    await checked(page, `${scheme}-library-device`);

    await choose(page);
    await nameAndUpload(page, unique('Collisions and chaining in open hash tables, with a title that is long'), unique('Data Structures'));
    await completed(page);
    await checked(page, `${scheme}-lecture`);
  });
}

for (const language of ['de', 'es'] as const) {
  test(`every view has room for its words, ${language}`, async ({ page }) => {
    await openApp(page);
    await choose(page);
    const lectureId = await nameAndUpload(page, unique('Kollisionsauflösungsverfahren'), unique('Datenstrukturen'));
    await completed(page);
    await page.evaluate((code) => localStorage.setItem('pegasus.settings', JSON.stringify({ language: code })), language);
    for (const path of ['', 'settings', 'search', 'record', 'nothing-here', `lectures/${lectureId}`]) {
      await openApp(page, path);
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      await checked(page, `${language}-${path.split('/')[0] || 'library'}`);
    }
    await completed(page);
    for (const [index, tab] of (await page.getByRole('tab').all()).entries()) {
      await tab.click();
      await expect(page.getByRole('tabpanel').getByText(/./).first()).toBeVisible();
      await checked(page, `${language}-tab-${index}`);
    }
  });
}

test('the library without a network', { tag: '@selection-phone' }, async ({ page, context }) => {
  await openApp(page);
  await expect(page.getByText('Loading your lectures')).toBeHidden();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByText('The server cannot be reached.', { exact: false }).first()).toBeVisible();
  await checked(page, 'offline');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect(page.getByText('The server cannot be reached.', { exact: false })).toBeHidden();
});

test('recording and naming by keyboard alone', { tag: '@selection-phone' }, async ({ page }) => {
  await openApp(page);
  const press = async (name: string | RegExp) => {
    const control = page.getByRole('button', { name, exact: typeof name === 'string' });
    await expect(control).toBeVisible();
    for (let tabs = 0; tabs < 60; tabs += 1) {
      if (await control.evaluate((node) => node === document.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await expect(control).toBeFocused();
    // The ring is what shows where the keyboard is.
    expect(await control.evaluate((node) => getComputedStyle(node).outlineWidth)).not.toBe('0px');
    await page.keyboard.press('Enter');
  };
  await press('Record');
  await recorded(page, 3);
  await press('Mark');
  await press('Finish');
  await expect(page.getByRole('heading', { name: 'Name the recording' })).toBeVisible();
  await press('Discard');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

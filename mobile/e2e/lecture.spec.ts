import { choose, completed, confirmed, expect, nameAndUpload, openApp, test, unique } from './fixtures';

test('a chosen file is uploaded, followed to the end, and deleted', { tag: '@selection-phone' }, async ({ page }) => {
  const title = unique('Hash tables');
  await openApp(page);
  await choose(page);
  await expect(page.getByText('Saved on this device')).toBeVisible();
  await nameAndUpload(page, title, unique('Data Structures'));
  await confirmed(page);
  await completed(page);
  await expect(page.getByText(/data structures/i).last()).toBeVisible();
  await expect(page).toHaveTitle(new RegExp(title));

  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.goto('');
  const row = page.getByRole('link', { name: new RegExp(`${title}.*Ready`) });
  await expect(row).toBeVisible();
  // The copy on the device goes when the student says so, and the lecture stays.
  await page.getByRole('button', { name: 'Remove from this device' }).click();
  await expect(page.getByRole('heading', { name: 'On this device' })).toBeHidden();
  await row.click();
  await completed(page);

  await page.getByRole('button', { name: 'Delete lecture' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete lecture' }).click();
  await expect(page).toHaveURL(/\/app\/$/);
  await expect(page.getByRole('link', { name: new RegExp(title) })).toBeHidden();
});

test('a hostile title and file name are text', { tag: '@selection-phone' }, async ({ page }) => {
  const hostile = `<img src=x onerror="document.title='owned'">{{7*7}}`;
  await openApp(page);
  await choose(page);
  await nameAndUpload(page, hostile, `"><script>document.title='owned'</script>`);
  await confirmed(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(hostile);
  await page.goto('');
  await expect(page.getByRole('link', { name: /<img src=x/ })).toBeVisible();
  expect(await page.title()).not.toContain('owned');
  expect(await page.locator('img[src="x"]').count()).toBe(0);
});

test('an address leads to its view, and one that is none says so', { tag: ['@selection-phone', '@selection-desktop'] }, async ({ page }) => {
  await openApp(page, 'settings');
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await openApp(page, 'lectures/no-such-lecture');
  await expect(page.getByText('This lecture was deleted')).toBeVisible();
  await openApp(page, 'nothing/here');
  await expect(page.getByText('There is nothing at this address.')).toBeVisible();
});

import type { BrowserContext, Page, Route } from '@playwright/test';

import { choose, confirmed, expect, nameAndUpload, openApp, test, unique } from './fixtures';
import { files, stack } from './stack';

const storage = `${stack.storage}/**`;
const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Range, Location' };

/** Percent of the upload that the page shows as confirmed by the server. */
const percent = async (page: Page) =>
  Number(await page.getByRole('progressbar', { name: 'Progress of the upload' }).getAttribute('aria-valuenow'));

const reached = (page: Page, least: number) =>
  expect.poll(() => percent(page).catch(() => 0), { timeout: 60_000, intervals: [50] }).toBeGreaterThanOrEqual(least);

/** Each request to storage takes so much longer, as over a slow network. */
const slow = (page: Page, ms: number) =>
  page.route(storage, async (route) => {
    await new Promise((done) => setTimeout(done, ms));
    await route.continue().catch(() => undefined);
  });

async function cutAndBack(page: Page, context: BrowserContext): Promise<void> {
  await context.setOffline(true);
  await expect(page.getByText('Waiting for a connection, saved on this device')).toBeVisible();
  await context.setOffline(false);
}

test('an hour: the network is lost at 30 % and at 90 %, the memory stays flat', { tag: '@selection-phone' }, async ({ page, context }) => {
  test.setTimeout(240_000);
  const session = await context.newCDPSession(page);
  const memory = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = (await session.send(
      'Runtime.getHeapUsage',
    )) as { usedSize: number; embedderHeapUsedSize?: number; backingStorageSize?: number };
    return (usedSize + embedderHeapUsedSize + backingStorageSize) / 1e6;
  };
  await openApp(page);
  const idle = await memory();
  let most = 0;
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT') sent.push(request.headers()['content-range'] ?? '');
  });
  await slow(page, 250);
  await choose(page, files.hour);
  await nameAndUpload(page, unique('An hour'), unique('Long'));
  await reached(page, 10);
  most = Math.max(most, await memory());
  await reached(page, 30);
  await cutAndBack(page, context);
  await reached(page, 60);
  most = Math.max(most, await memory());
  await reached(page, 90);
  await cutAndBack(page, context);
  await confirmed(page);
  most = Math.max(most, await memory());
  test.info().annotations.push({ type: 'memory', description: `${idle.toFixed(0)} MB idle, ${most.toFixed(0)} MB at most, ${sent.length} pieces` });
  expect(most - idle).toBeLessThan(80);
  // The upload went on where the server was: no piece but those under way was sent again.
  const starts = sent.flatMap((range) => /^bytes (\d+)-/.exec(range)?.[1] ?? []);
  expect(starts.filter((start) => start === '0')).toHaveLength(1);
});

test('an upload goes on after its page was closed', { tag: '@selection-phone' }, async ({ page, context }) => {
  await openApp(page);
  await slow(page, 1500);
  await choose(page, files.long);
  const title = unique('Closed');
  await nameAndUpload(page, title, unique('Long'));
  await reached(page, 5);
  await page.close();

  const again = await context.newPage();
  const offsets: number[] = [];
  again.on('request', (request) => {
    const range = /^bytes (\d+)-/.exec(request.headers()['content-range'] ?? '');
    if (request.method() === 'PUT' && range !== null) offsets.push(Number(range[1]));
  });
  await slow(again, 1500);
  await openApp(again);
  await again.getByRole('button', { name: 'Show progress' }).click();
  await confirmed(again);
  expect(Math.min(...offsets)).toBeGreaterThan(0);
});

/** Answers the first matching request in the server's stead. */
async function once(page: Page, method: string, answer: (route: Route) => Promise<void>): Promise<() => number> {
  let times = 0;
  await page.route(storage, async (route) => {
    if (route.request().method() !== method || times > 0) return route.fallback();
    times += 1;
    return answer(route);
  });
  return () => times;
}

test('an upload address that has expired is renewed', { tag: '@selection-phone' }, async ({ page }) => {
  await openApp(page);
  const expired = await once(page, 'POST', (route) => route.fulfill({ status: 400, headers, body: 'ExpiredToken' }));
  const renewed = page.waitForRequest(/\/upload-url$/);
  await choose(page);
  await nameAndUpload(page, unique('Expired'), unique('Addresses'));
  await renewed;
  await confirmed(page);
  expect(expired()).toBe(1);
});

test('a session that storage has forgotten is started anew', { tag: '@selection-phone' }, async ({ page }) => {
  await openApp(page);
  const gone = await once(page, 'PUT', (route) => route.fulfill({ status: 410, headers }));
  await choose(page);
  await nameAndUpload(page, unique('Forgotten'), unique('Addresses'));
  await confirmed(page);
  expect(gone()).toBe(1);
});

test('an upload is paused and resumed', { tag: '@selection-phone' }, async ({ page }) => {
  await openApp(page);
  await slow(page, 1500);
  await choose(page, files.long);
  await nameAndUpload(page, unique('Paused'), unique('Long'));
  await reached(page, 3);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('Upload paused, saved on this device')).toBeVisible();
  const at = await percent(page);
  await page.getByRole('button', { name: 'Go on' }).click();
  await reached(page, at + 3);
});

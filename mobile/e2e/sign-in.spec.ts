import { type Page, expect, test } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checked } from './accessible';
import { signInStack as stack } from './stack';

const PASSWORD = 'pegasus';
const alice = 'alice@pegasus.example';
const bob = 'bob@pegasus.example';

const faults: string[] = [];

test.beforeEach(({ page }) => {
  faults.length = 0;
  const own = [stack.api, stack.storage, stack.identity];
  page.on('pageerror', (error) => faults.push(`raised: ${error.message}`));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (!own.includes(origin) && !['blob:', 'data:'].includes(protocol)) faults.push(`sent to ${origin}`);
  });
});

test.afterEach(() => expect(faults).toEqual([]));

async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.goto('settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}

const library = (page: Page) => page.getByRole('button', { name: 'Record', exact: true }).first();

test('a user signs in, stays signed in, and signs out', async ({ page }) => {
  await page.goto('');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await checked(page, 'sign-in');
  await signIn(page, alice, 'wrong');
  await expect(page.getByRole('alert')).toContainText('do not belong together');

  await signIn(page, alice);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeHidden();
  await expect(library(page)).toBeVisible();
  await page.reload();
  await expect(library(page)).toBeVisible();

  await page.goto('settings');
  await expect(page.getByText(alice)).toBeVisible();
  await checked(page, 'account');
  await signOut(page);
  await page.goto('');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a user sees their own lectures alone', async ({ page, request }) => {
  const title = `Secret of Alice ${randomUUID().slice(0, 8)}`;
  const signedIn = await request.post(
    `${stack.identity}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local`,
    { data: { email: alice, password: PASSWORD, returnSecureToken: true } },
  );
  const { idToken } = (await signedIn.json()) as { idToken: string };
  const made = await request.post(`${stack.api}/lectures/ingest`, {
    data: { courseId: `c-${randomUUID()}`, courseTitle: title, title },
    headers: { Authorization: `Bearer ${idToken}` },
  });
  expect(made.status()).toBe(201);

  await page.goto('');
  await signIn(page, alice);
  await expect(page.getByText(title).first()).toBeVisible();
  await signOut(page);
  await signIn(page, bob);
  await expect(page.getByText(bob)).toBeVisible();
  await page.goto('');
  await expect(library(page)).toBeVisible();
  await expect(page.getByText(title)).toHaveCount(0);
});

test('an account is made, and its address confirmed by the link in the e-mail', async ({ page, request }) => {
  const email = `new-${randomUUID().slice(0, 8)}@pegasus.example`;
  await page.goto('');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('too easy to guess')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill('long enough');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(library(page)).toBeVisible();

  await page.goto('settings');
  await expect(page.getByText('Please confirm your e-mail address')).toBeVisible();
  const mail = await readFile(join(stack.home, 'pegasus-with-users', 'identity', 'mail.txt'), 'utf8');
  const link = mail.split('\n').filter((line) => line.startsWith('http')).at(-1) ?? '';
  expect((await request.get(link)).ok()).toBe(true);
  await page.getByRole('button', { name: 'I have confirmed it' }).click();
  await expect(page.getByText('Please confirm your e-mail address')).toBeHidden();
});

test('a user deletes everything that the server has of them', async ({ page, request }) => {
  const email = `leaving-${randomUUID().slice(0, 8)}@pegasus.example`;
  await page.goto('');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill('long enough');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(library(page)).toBeVisible();
  const signedIn = await request.post(
    `${stack.identity}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local`,
    { data: { email, password: 'long enough', returnSecureToken: true } },
  );
  const { idToken } = (await signedIn.json()) as { idToken: string };
  const headers = { Authorization: `Bearer ${idToken}` };
  const title = `Left behind ${randomUUID().slice(0, 8)}`;
  const data = { courseId: `c-${randomUUID()}`, courseTitle: title, title };
  expect((await request.post(`${stack.api}/lectures/ingest`, { data, headers })).status()).toBe(201);

  await page.goto('settings');
  await expect(page.getByText(/^1 lecture,/)).toBeVisible();
  await page.getByRole('button', { name: 'Delete everything on the server' }).click();
  const sure = page.getByRole('dialog');
  await expect(sure.getByRole('button', { name: 'Delete everything', exact: true })).toBeVisible();
  await checked(page, 'delete-everything');
  await sure.getByRole('button', { name: 'Delete everything', exact: true }).click();
  await expect(page.getByText('Everything was deleted')).toBeVisible();
  const { lectures } = (await (await request.get(`${stack.api}/lectures`, { headers })).json()) as { lectures: unknown[] };
  expect(lectures).toEqual([]);
  await page.goto('');
  await expect(page.getByText(title)).toHaveCount(0);
});

test('without a network the app opens as it was', async ({ page, context }) => {
  await page.goto('');
  await signIn(page, alice);
  await expect(library(page)).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sign in' })).toHaveCount(0);
  await expect(library(page)).toBeVisible();
  await context.setOffline(false);
});

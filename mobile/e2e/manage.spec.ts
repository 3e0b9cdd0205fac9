import { readFileSync } from 'node:fs';

import { checked } from './accessible';
import { choose, completed, expect, nameAndUpload, openApp, test, unique } from './fixtures';
import { stack } from './stack';

test('a course is managed: its presets, its days, its name and its end', { tag: '@selection-phone' }, async ({ page }) => {
  test.setTimeout(240_000);
  await openApp(page);
  await choose(page);
  await page.getByRole('radio', { name: 'First pass' }).click();
  await expect(page.getByText('The few ideas that matter most, in short sentences.')).toBeVisible();
  await checked(page, 'manage-name');
  let course = unique('Data Structures');
  const lectureId = await nameAndUpload(page, unique('Hash tables'), course);
  await completed(page);
  await page.getByRole('tab', { name: 'Summary' }).click();
  await expect(page.getByText('with the preset First pass')).toBeVisible();

  // The material anew, for something else.
  await page.getByRole('button', { name: 'Make the material again' }).click();
  const again = page.getByRole('dialog', { name: 'Make the material again' });
  await again.getByRole('radio', { name: 'Seminar' }).click();
  await checked(page, 'manage-again');
  await again.getByRole('button', { name: 'Make the material again' }).click();
  await expect(again).toBeHidden();
  await expect
    .poll(async () => (await (await fetch(`${stack.api}/lectures/${lectureId}/summary`)).json()).presetId, { timeout: 60_000 })
    .toBe('seminar');
  await completed(page);
  await page.getByRole('tab', { name: 'Summary' }).click();
  await expect(page.getByText('with the preset Seminar')).toBeVisible();

  // Into another course, whose name the lecture has from then on; the one that it leaves stays.
  const left = course;
  course = unique('Algorithms');
  const made = await fetch(`${stack.api}/courses`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ courseId: course.replaceAll(/[^A-Za-z0-9]+/g, '-'), title: course }),
  });
  expect(made.status).toBe(201);
  await page.reload();
  await page.getByRole('button', { name: 'Move to another course' }).click();
  const move = page.getByRole('dialog', { name: 'Move to another course' });
  await move.getByRole('radio', { name: course }).click();
  await expect(move.getByText(/Recordings are deleted after/)).toBeVisible();
  await checked(page, 'manage-move');
  await move.getByRole('button', { name: 'Move to another course' }).click();
  await expect(move).toBeHidden();
  await expect(page.getByText(course).first()).toBeVisible();
  await completed(page);
  await page.goto('');
  await expect(page.getByRole('button', { name: `Manage ${left}` })).toBeVisible();

  // Its course: days of its own, which the lecture shows.
  await page.goto('');
  await page.getByRole('button', { name: `Manage ${course}` }).click();
  await expect(page.getByRole('heading', { name: course })).toBeVisible();
  await page.getByRole('button', { name: 'Change the days' }).click();
  const days = page.getByRole('dialog', { name: 'Deleted after how many days?' });
  await days.getByRole('textbox', { name: 'Recordings' }).fill('7');
  await checked(page, 'manage-days');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Recordings are deleted after 7 days.')).toBeVisible();
  await checked(page, 'manage-course');
  await page.goto(`lectures/${lectureId}`);
  await completed(page);
  const { recordingDeletesAt, createdAt } = await (await fetch(`${stack.api}/lectures/${lectureId}`)).json();
  expect(Math.round((Date.parse(recordingDeletesAt) - Date.parse(createdAt)) / 86_400_000)).toBe(7);
  await expect(page.getByText(/The recording is deleted on/)).toBeVisible();

  await page.goto('');
  await page.getByRole('button', { name: `Manage ${course}` }).click();
  await page.getByRole('button', { name: 'Rename course' }).click();
  await page.getByRole('textbox', { name: 'Title of the course' }).fill(`${course}, renamed`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: `${course}, renamed`, level: 1 })).toBeVisible();

  await page.getByRole('button', { name: 'Delete course' }).click();
  const sure = page.getByRole('dialog', { name: 'Delete this course?' });
  await expect(sure.getByText(/• Hash tables/)).toBeVisible();
  await checked(page, 'manage-delete');
  await sure.getByRole('button', { name: 'Delete course' }).click();
  await expect(page).toHaveURL(/\/app\/$/);
  await expect(page.getByText(`${course}, renamed`)).toHaveCount(0);
  expect((await fetch(`${stack.api}/lectures/${lectureId}`)).ok).toBe(false);
});

test('a copy of everything is made and downloaded', async ({ page }) => {
  test.setTimeout(180_000);
  await openApp(page, 'settings');
  await expect(page.getByText('Lectures today')).toBeVisible();
  await page.getByRole('button', { name: 'Have a copy made of everything' }).click();
  const part = page.getByRole('button', { name: /^Download / }).first();
  await expect(part).toBeVisible({ timeout: 120_000 });
  await checked(page, 'manage-copy');
  const download = page.waitForEvent('download');
  await part.click();
  expect(readFileSync(await (await download).path()).subarray(0, 2).toString()).toBe('PK');
});

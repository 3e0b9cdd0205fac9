import { type Page, expect, test } from '@playwright/test';
import axe from 'axe-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { stack } from './stack';

const pictures = process.env.E2E_PICTURES ?? join(stack.home, 'pictures');
mkdirSync(pictures, { recursive: true });

/**
 * Waits for the end of what is under way: React Native Web gives a dialog its role some frames after it is shown, and
 * text in the middle of a fade has a low contrast. An endless animation, such as a spinner's, is not waited for.
 */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('[aria-modal=true]:not([role=dialog])')).toHaveCount(0);
  const running = () =>
    page.evaluate(
      () =>
        document
          .getAnimations()
          .filter(({ playState, effect }) => playState === 'running' && effect?.getComputedTiming().endTime !== Infinity)
          .length,
    );
  await expect.poll(running).toBe(0);
}

/** Experimental in axe, and so not among those that it runs: WCAG 2.5.3, the name of a control has the text that it shows. */
const ALSO = { 'label-content-name-mismatch': { enabled: true } };

/** No violation of WCAG 2.2 A and AA or of axe's best practices, and a picture to look at. */
export async function checked(page: Page, name: string): Promise<void> {
  await settled(page);
  // Evaluated by the browser's protocol, which the content security policy does not hold back.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (rules) => (window as unknown as { axe: { run(options: axe.RunOptions): Promise<axe.AxeResults> } }).axe.run({ rules }),
    ALSO,
  );
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  const controls = page.locator('[role=button],[role=link],[role=radio],[role=switch],[role=tab],[role=slider],input:visible,a:visible');
  for (const control of await controls.all()) {
    const box = await control.boundingBox();
    if (box === null) continue;
    expect(Math.min(box.width, box.height), await control.evaluate((node) => node.outerHTML)).toBeGreaterThanOrEqual(44);
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await page.screenshot({ path: join(pictures, `${test.info().project.name}-${name}.png`) });
}

import { type Browser, type Page, expect, test } from '@playwright/test';

import { type Words, arabic, english, serveMocked } from './mocked';
import { stack } from './stack';

const TABS = ['Transcript', 'Summary', 'Outline', 'Terms', 'Cards', 'Questions', 'Threads', 'Files'] as const;
const PATHS = ['', 'settings', 'search', 'record', 'courses/course', 'operator', 'lectures/moving', 'lectures/failed', 'lectures/ready'] as const;

async function opened(browser: Browser, width: number, words: Words, direction: 'ltr' | 'rtl'): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: Math.round((width * 844) / 390) },
    serviceWorkers: 'block',
    baseURL: stack.app,
    locale: 'en-US',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await serveMocked(page, words);
  if (direction === 'rtl') {
    const isPage = ({ pathname }: URL) => pathname.startsWith('/app/') && !/\.\w+$/.test(pathname);
    await page.route(isPage, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace('<html ', '<html dir="rtl" ') });
    });
  }
  return page;
}

/** What is not within the screen, overlaps another control, or is wider than its view. What scrolls sideways is the tabs alone. */
const faults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found: string[] = [];
    const named = (node: Element) => `${node.getAttribute('role')} “${(node.getAttribute('aria-label') ?? node.textContent ?? '').slice(0, 40)}”`;
    for (const node of Array.from(document.querySelectorAll('body *'))) {
      const { x, width: own, height } = node.getBoundingClientRect();
      const isOfTabs = node.closest('[role=tablist]') ?? node.querySelector('[role=tablist]');
      if (own > 1 && height > 1 && isOfTabs === null && (x + own > width + 1 || x < -1)) {
        found.push(`outside: ${named(node)}`);
      }
    }
    for (const part of Array.from(document.querySelectorAll('[role=main]'))) {
      if (part.scrollWidth > part.clientWidth + 1) found.push(`scrolls sideways: ${named(part)}`);
    }
    for (const part of Array.from(document.querySelectorAll('[role=main], [role=region]'))) {
      const controls = Array.from(part.querySelectorAll('[role=button], [role=slider], [role=link]'))
        // What is far from the screen is not laid out yet.
        .filter((node) => node.checkVisibility({ contentVisibilityAuto: true }));
      const boxes = controls.map((node) => ({ node, box: node.getBoundingClientRect() }));
      boxes.forEach(({ node, box }, index) => {
        for (const other of boxes.slice(index + 1)) {
          if (node.contains(other.node) || other.node.contains(node)) continue;
          const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
          const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
          if (across > 1 && down > 1) found.push(`overlap: ${named(node)} and ${named(other.node)}`);
        }
      });
    }
    return found.slice(0, 10);
  });

const everyView = async (page: Page, check: (name: string) => Promise<void>) => {
  for (const path of PATHS) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    if (path !== 'lectures/ready') {
      await expect(page.getByText(/^Loading/)).toHaveCount(0);
      await check(path || 'library');
      continue;
    }
    for (const name of TABS) {
      await page.getByRole('tab', { name }).click();
      await expect(page.getByRole('tabpanel', { name }).getByText(/./).first()).toBeVisible();
      await expect(page.getByText(/^Loading/)).toHaveCount(0);
      await check(name);
    }
    await page.getByRole('tab', { name: 'Transcript' }).click();
    await page.getByRole('button', { name: 'Correct the transcript' }).click();
    await page.getByRole('button', { name: 'Earlier versions' }).click();
    await expect(page.getByText('Version 3 · shown now')).toBeVisible();
    await check('versions');
  }
};

// Zoomed to 200 % a phone of 390 px has room for 195.
for (const [name, width, words, direction] of [
  ['with text at 200 %', 195, english, 'ltr'],
  ['from right to left', 390, arabic, 'rtl'],
  ['from right to left with text at 200 %', 195, arabic, 'rtl'],
] as const) {
  test(`nothing is cut off or covered ${name}`, async ({ browser }) => {
    const page = await opened(browser, width, words, direction);
    await everyView(page, async (view) => expect(await faults(page), view).toEqual([]));
    await page.context().close();
  });
}

test('the layout mirrors, the player does not', async ({ browser }) => {
  const page = await opened(browser, 390, arabic, 'rtl');
  await page.goto('lectures/ready');
  const left = async (name: string) => (await page.getByRole('button', { name, exact: true }).boundingBox())?.x ?? Number.NaN;
  expect(await left('Back')).toBeGreaterThan(300);
  expect(await left('−10, 10 seconds back')).toBeLessThan(await left('+10, 10 seconds on'));
  // The tab keys go the way that the tabs stand.
  await page.getByRole('tab', { name: 'Transcript' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('tab', { name: 'Summary' })).toBeFocused();
  await page.context().close();
});

import { defineConfig, devices } from '@playwright/test';
import { join } from 'node:path';

import { files, stack } from './stack';

const python = join(stack.root, '.venv/bin/python');
const pegasus = join(stack.home, 'pegasus');
/** Each run begins with an empty library. */
const start = [
  `rm -rf '${pegasus}'`,
  `${python} -m tests.browser.recordings '${files.recordings}'`,
  `exec ${python} -m scripts.local`,
].join(' && ');

const chromium = {
  permissions: ['microphone'],
  locale: 'en-US',
  baseURL: stack.app,
  trace: 'retain-on-failure' as const,
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${files.microphone}`,
    ],
  },
};

export default defineConfig({
  testDir: '.',
  // It has a stack of its own (sign-in.config.ts).
  testIgnore: /sign-in\.spec\.ts/,
  outputDir: join(stack.home, 'results'),
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: 'list',
  webServer: {
    command: start,
    cwd: stack.root,
    url: `${stack.api}/health/ready`,
    env: { ...stack.environment, PEGASUS_HOME: pegasus },
    reuseExistingServer: false,
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
  },
  projects: [
    { name: 'phone', use: { ...devices['Pixel 7'], ...chromium, viewport: { width: 390, height: 844 } } },
    {
      name: 'desktop',
      use: { ...devices['Desktop Chrome'], ...chromium, viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
      testMatch: /(cutting|items|lecture|long|manage|reading|views)\.spec\.ts/,
    },
  ],
});

import { defineConfig } from '@playwright/test';
import { join } from 'node:path';

import base from './playwright.config';
import { signInStack as stack } from './stack';

const pegasus = join(stack.home, 'pegasus-with-users');

/** Against a stack whose users sign in. */
export default defineConfig({
  ...base,
  testIgnore: [],
  testMatch: /sign-in\.spec\.ts/,
  webServer: {
    command: `rm -rf '${pegasus}' && exec ${join(stack.root, '.venv/bin/python')} -m scripts.local`,
    cwd: stack.root,
    url: `${stack.api}/health/ready`,
    env: { ...stack.environment, PEGASUS_HOME: pegasus },
    reuseExistingServer: false,
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
  },
  projects: (base.projects ?? []).map((project) => ({
    ...project,
    testMatch: /sign-in\.spec\.ts/,
    use: { ...project.use, baseURL: stack.app },
  })),
});

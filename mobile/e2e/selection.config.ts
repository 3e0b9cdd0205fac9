import { defineConfig } from '@playwright/test';

import base from './playwright.config';

/** The tests that CI runs on every commit: each at the sizes of screen that its tags name. */
export default defineConfig({
  ...base,
  projects: (base.projects ?? []).map((project) => ({ ...project, grep: new RegExp(`@selection-${project.name}`) })),
});

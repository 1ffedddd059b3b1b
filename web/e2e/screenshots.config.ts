import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** Takes pictures of every screen, for people to look at. Not a test: nothing fails for how it looks. */
export default defineConfig(base, { testDir: 'screenshots', fullyParallel: true, timeout: 60_000 });

import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { test } from '../src/fixtures.ts';
import { FRESH_SCREENS } from '../src/fresh-screens.ts';
import { settled } from '../src/look.ts';
import { SCREENS, SIZES } from '../src/screens.ts';

const folder = process.env.BOTIMUM_SCREENSHOTS ?? 'test-results/screenshots';

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(size, () => {
    test.use({ viewport, hasTouch: size === 'narrow' });

    for (const { name, who, reach } of SCREENS) {
      test(name, async ({ server, api, guard, signedIn, open }) => {
        const page = await (who === 'operator' ? await signedIn() : await open()).newPage();
        await reach({ page, server, api, guard, narrow: size === 'narrow' });
        await shoot(page, `${name}-${size}`);
      });
    }

    test('fresh', async ({ fresh, open }) => {
      const page = await (await open({ baseURL: fresh.server.url })).newPage();
      for (const { name, reach } of FRESH_SCREENS) {
        await reach(page, fresh.token);
        await shoot(page, `${name}-${size}`);
      }
    });
  });
}

async function shoot(page: Page, name: string): Promise<void> {
  await settled(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), animations: 'disabled' });
  }
}

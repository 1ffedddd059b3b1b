/** No screen, in any size or scheme, has a serious fault that axe can find, nor does what the guard forbids. */
import type { Page } from '@playwright/test';
import { expect, test } from '../src/fixtures.ts';
import { FRESH_SCREENS } from '../src/fresh-screens.ts';
import { seriousFindings, settled, tooWide } from '../src/look.ts';
import { SCREENS, SIZES } from '../src/screens.ts';

test.describe.configure({ mode: 'parallel' });

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(size, () => {
    test.use({ viewport, hasTouch: size === 'narrow' });

    for (const { name, who, reach } of SCREENS) {
      test(name, async ({ server, api, guard, signedIn, open }) => {
        const context = who === 'operator' ? await signedIn() : await open();
        const page = await context.newPage();
        await reach({ page, server, api, guard, narrow: size === 'narrow' });
        await inBothSchemes(page, name);
      });
    }
  });
}

test('a fresh server', async ({ fresh, open }) => {
  const page = await (await open({ baseURL: fresh.server.url })).newPage();
  for (const { name, reach } of FRESH_SCREENS) {
    await page.setViewportSize(SIZES.wide);
    await reach(page, fresh.token);
    for (const viewport of Object.values(SIZES)) {
      await page.setViewportSize(viewport);
      await inBothSchemes(page, name);
    }
  }
});

async function inBothSchemes(page: Page, name: string): Promise<void> {
  await settled(page);
  expect.soft(await tooWide(page), `${name} scrolls sideways`).toEqual([]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect.soft(await seriousFindings(page), `${name} in ${colorScheme}`).toEqual([]);
  }
}

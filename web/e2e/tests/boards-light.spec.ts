import type { Page } from '@playwright/test';
import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, tooWide } from '../src/look.ts';

const phone = { width: 390, height: 844 };

/** A slow phone in a slow network: four times less processor, 1.6 Mbit/s, 150 ms there and back. */
async function throttle(page: Page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: (1.6 * 1024 * 1024) / 8,
    uploadThroughput: (750 * 1024) / 8,
  });
}

/** What a page lacks that readers, search engines and screen readers go by, in words. */
function lacking(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = [];
    const must = (is: unknown, what: string) => {
      if (!is) out.push(what);
    };
    const of = (selector: string) => document.querySelector(selector);
    const meta = (name: string) => of(`meta[name="${name}"]`)?.getAttribute('content');
    must(document.documentElement.lang, 'a language');
    must(document.title.length > 3, 'a title');
    must(meta('description'), 'a description');
    must(of('link[rel=canonical]')?.getAttribute('href')?.startsWith('http'), 'a canonical address');
    const viewport = meta('viewport') ?? '';
    must(
      viewport.includes('width=device-width') && !/user-scalable=no|maximum-scale/.test(viewport),
      'a viewport that may be zoomed',
    );
    for (const landmark of ['header', 'nav', 'main', 'footer']) must(of(landmark), `a ${landmark}`);
    must(document.querySelectorAll('main').length === 1, 'one main part');
    must(document.querySelectorAll('h1').length === 1, 'one heading of the first level');
    let level = 0;
    for (const heading of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
      const next = Number(heading.tagName[1]);
      must(next <= level + 1, `a level before “${heading.textContent}”`);
      level = next;
    }
    must(!of('style') && !of('[style]'), 'styles of files alone');
    must(!of('script:not([src])'), 'scripts of files alone');
    for (const image of document.querySelectorAll('img'))
      must(image.hasAttribute('alt'), `words for ${image.src}`);
    for (const target of document.querySelectorAll(
      'a[href],button,input:not([type=hidden]),select,textarea',
    )) {
      const { width, height, top } = target.getBoundingClientRect();
      // Links within a sentence are as high as it is (WCAG 2.2, 2.5.8).
      if (target.closest('p,.prose') || top + height < 0 || !target.checkVisibility()) continue;
      must(
        width >= 24 && height >= 24,
        `room for a finger on “${target.textContent?.trim()}” (${width}×${height})`,
      );
    }
    return out;
  });
}

test('a board on a slow phone is whole, small, and readable in light and dark', async ({
  api,
  open,
}, info) => {
  const board = await api.call<{ id: string }>('POST', 'boards', {
    name: 'Light ideas',
    slug: 'light',
    visibility: 'public',
    intro: 'What do **you** wish for?',
  });
  for (let i = 0; i < 20; i++) {
    await api.call('POST', `boards/${board.id}/posts`, {
      title: `Wish number ${i} for the harbour`,
      body: 'With some reasons, so that there is something to read below it.',
      ...(i % 3 === 0 && { status: 'planned' }),
    });
  }
  const at = `/b/${api.session.workspace.slug}/light`;
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await (await open({ viewport: phone, colorScheme })).newPage();
    for (const path of ['', '/p/1-wish-number-0-for-the-harbour', '/roadmap']) {
      await page.goto(at + path);
      expect(await lacking(page), `${path} in ${colorScheme}`).toEqual([]);
      expect(await seriousFindings(page), `${path} in ${colorScheme}`).toEqual([]);
      expect(await tooWide(page)).toEqual([]);
    }
  }

  const page = await (await open({ viewport: phone })).newPage();
  await throttle(page);
  await page.goto(at);
  const figures = await page.evaluate(async () => {
    const paint = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    while (!paint()) await new Promise((done) => requestAnimationFrame(done));
    const [document] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const bytes = [document, ...files].reduce((sum, one) => sum + (one?.encodedBodySize ?? 0), 0);
    return { paint: paint() ?? 0, answered: document?.responseEnd ?? 0, bytes, files: files.length };
  });
  expect(figures.bytes).toBeLessThan(30 * 1024);
  expect(figures.files).toBeLessThanOrEqual(1);
  // A figure, and no bound: it says how busy the machine is, too. bench/README.md has one of a run.
  const said = `first paint ${Math.round(figures.paint)} ms, answered after ${Math.round(figures.answered)} ms, ${figures.bytes} bytes`;
  info.annotations.push({ type: 'figure', description: said });
  process.stdout.write(`boards-light: ${said}\n`);
});

test('similar posts are shown while somebody writes', async ({ api, operator: page }) => {
  const board = await api.call<{ id: string; name: string }>('POST', 'boards', {
    name: 'Similar ideas',
    visibility: 'public',
  });
  await api.call('POST', `boards/${board.id}/posts`, { title: 'A lighthouse with a café' });
  await page.goto(`/boards/${board.id}`);
  await page.getByRole('button', { name: 'Add a post' }).first().click();
  await page.getByLabel('In one line').fill('Cafe in the lighthuose');
  const similar = page.getByRole('list', { name: 'Posts that are alike' });
  await expect(similar.getByText('A lighthouse with a café')).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
  await similar.getByRole('button').click();
  await expect(page.getByRole('heading', { name: 'A lighthouse with a café' })).toBeVisible();
});

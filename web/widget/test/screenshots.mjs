/**
 * Pictures of the widget in a real browser, for looking at: `npm run shots -w widget -- FOLDER`. Wants a Chromium at
 * BOTIMUM_CHROMIUM or /usr/bin/chromium.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { MockServer } from './mock-server.mjs';

const folder = process.argv[2] ?? resolve(tmpdir(), 'botimum-widget');
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.BOTIMUM_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const only = process.argv[3];

async function story(size, scheme, lang = 'en') {
  const server = await new MockServer().start();
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    hasTouch: size === 'phone',
    locale: lang,
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => process.stderr.write(`${error}\n`));
  page.on('console', (line) => line.type() === 'error' && process.stderr.write(`${line.text()}\n`));
  const shot = (name) => page.screenshot({ path: resolve(folder, `${size}-${scheme}-${lang}-${name}.png`) });

  await page.goto(`${server.url}/?lang=${lang}`);
  await page.locator('.launcher').waitFor({ state: 'visible' });
  await shot('1-closed');
  await page.locator('.launcher').click();
  await page.locator('textarea').waitFor();
  await shot('2-empty');
  await page
    .locator('textarea')
    .fill(
      lang === 'ar'
        ? 'مرحبًا، هل يمكنني حجز رحلة إلى لشبونة؟'
        : 'Hello! Is the night train to Lisbon bookable yet?',
    );
  await page.locator('textarea').press('Enter');
  await page.locator('.card').waitFor();
  await page.waitForTimeout(150);
  await shot('3-email');
  const conversation = server.conversations[0];
  conversation.operator_read_at = server.now();
  server.answer(conversation, 'Good morning! Yes, since yesterday.');
  server.answer(
    conversation,
    'All stops are listed here: https://fernweh.example/trips/lisbon (with prices).\nShall I hold a berth for you?',
  );
  await page.locator('textarea').fill('Two berths please, in the quiet coach.');
  await page.locator('textarea').press('Enter');
  await page.locator('.message').nth(3).waitFor();
  server.seen(conversation);
  server.typing(conversation);
  await page.locator('.card button[type=button]').click();
  await page.waitForTimeout(200);
  await shot('4-conversation');
  server.down = true;
  server.cut();
  await page.waitForTimeout(100);
  await page.locator('textarea').fill('And a window seat on the ferry.');
  await page.locator('textarea').press('Enter');
  await page.waitForTimeout(300);
  await shot('5-offline');
  server.down = false;
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page
    .locator('.message', { hasText: '· Sent' })
    .or(page.locator('.message', { hasText: 'أُرسلت' }))
    .waitFor();
  server.begin(
    conversation.contact,
    'Do you have vouchers?',
    new Date(Date.now() - 3 * 86400000).toISOString(),
  );
  await page.locator('header .tool').first().click();
  await page.waitForTimeout(200);
  await shot('6-list');
  await page.locator('header .tool').first().click();
  await page.locator('.foot button').click();
  await page.waitForTimeout(100);
  await shot('7-privacy');
  await context.close();
  await server.stop();
}

for (const size of Object.keys(SIZES)) {
  for (const scheme of ['light', 'dark'])
    if (!only || only === `${size}-${scheme}`) await story(size, scheme);
  if (!only || only === `${size}-ar`) await story(size, 'light', 'ar');
}
await browser.close();

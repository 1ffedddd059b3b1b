// @vitest-environment node
/**
 * The built widget in a real browser, on a page with a strict content security policy, against the mock server.
 * What only a browser can show: storage, tabs, focus, the network going away.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MockServer } from './mock-server.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CHROMIUM = process.env.BOTIMUM_CHROMIUM ?? '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM) && !process.env.CI;
if (missing)
  process.stderr.write(`No browser at ${CHROMIUM}: set BOTIMUM_CHROMIUM to run the browser tests.\n`);

declare global {
  interface Window {
    botimum: (...call: unknown[]) => Promise<unknown>;
    heard: [string, unknown][];
  }
}

let browser: Browser;
let server: MockServer;
let context: BrowserContext;
let page: Page;
const problems: string[] = [];

async function open(on: BrowserContext, query = ''): Promise<Page> {
  const tab = await on.newPage();
  tab.on('pageerror', (error) => problems.push(String(error)));
  await tab.goto(`${server.url}/${query}`);
  await tab.locator('.launcher').waitFor({ state: 'visible' });
  return tab;
}

const write = async (tab: Page, text: string) => {
  await tab.locator('textarea').fill(text);
  await tab.locator('textarea').press('Enter');
};
const bubbles = (tab: Page) => tab.locator('.bubble').allTextContents();
const stored = (tab: Page) => tab.evaluate(() => Object.keys(localStorage));
const sent = (tab: Page, text: string) =>
  tab.locator('.message', { hasText: text }).locator('text=/Sent|Seen|\\d:\\d\\d/');
const calls = (what: string) => server.log.filter((line) => line === what).length;

describe.skipIf(missing)('the widget in a browser', () => {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    problems.length = 0;
    server = await new MockServer().start();
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await open(context);
  });
  afterEach(async () => {
    await context.close();
    await server.stop();
    expect(problems).toEqual([]);
  });

  it('leaves nothing behind, and opens no stream, for someone who only looks', async () => {
    await page.locator('.launcher').click();
    await page.locator('textarea').pressSequentially('Hm');
    await page.keyboard.press('Escape');
    expect(await stored(page)).toEqual([]);
    expect(await context.cookies()).toEqual([]);
    expect(server.log).toEqual(['POST /widget/v1/sessions']);
  });

  it('asks nobody but its own server', async () => {
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.reload();
    await page.locator('.launcher').click();
    await write(page, 'Hello');
    await sent(page, 'Hello').waitFor();
    expect([...hosts]).toEqual([server.url]);
  });

  it('carries a conversation, live, with unread and seen', async () => {
    await page.evaluate(() => {
      window.heard = [];
      for (const event of ['message:sent', 'message:received', 'unread', 'chat:opened', 'chat:closed']) {
        window.botimum('on', event, (detail: { body?: string; count?: number } | undefined) =>
          window.heard.push([event, detail?.body ?? detail?.count]),
        );
      }
    });
    await page.locator('.launcher').click();
    await write(page, 'Hello <b>there</b>');
    await sent(page, 'Hello').waitFor();
    const [conversation] = server.conversations;
    await expect.poll(() => server.streams.size).toBe(1);
    server.answer(conversation, 'Good morning');
    await page.locator('.bubble', { hasText: 'Good morning' }).waitFor();
    await expect.poll(() => calls(`POST /widget/v1/conversations/${conversation.id}/read`)).toBe(1);
    await page.keyboard.press('Escape');
    server.answer(conversation, 'One more thing');
    await page.locator('.badge', { hasText: '1' }).waitFor();
    await page.locator('.launcher').click();
    await page.locator('.unread').waitFor();
    expect(await page.locator('.badge').textContent()).toBe('');
    expect(await bubbles(page)).toEqual(['Hello <b>there</b>', 'Good morning', 'One more thing']);
    await write(page, 'Yes');
    await sent(page, 'Yes').waitFor();
    server.seen(conversation);
    await page.locator('text=· Seen').waitFor();
    const heard = await page.evaluate(() => window.heard);
    expect(heard.filter(([event]) => event.startsWith('message'))).toEqual([
      ['message:sent', 'Hello <b>there</b>'],
      ['message:received', 'Good morning'],
      ['message:received', 'One more thing'],
      ['message:sent', 'Yes'],
    ]);
    expect(heard.filter(([event]) => event === 'unread').map(([, count]) => count)).toEqual([1, 0, 1, 0]);
    expect(heard.filter(([event]) => event.startsWith('chat')).map(([event]) => event)).toEqual([
      'chat:opened',
      'chat:closed',
      'chat:opened',
    ]);
  });

  it('neither loses nor doubles a message when the network goes away, nor over a reload', async () => {
    await page.locator('.launcher').click();
    await write(page, 'one');
    await sent(page, 'one').waitFor();
    const [conversation] = server.conversations;
    await expect.poll(() => server.streams.size).toBe(1);
    server.down = true;
    server.cut();
    await write(page, 'two');
    await write(page, 'three');
    await page.locator('.banner').waitFor();
    await page.reload();
    await page.locator('.launcher').click();
    await page.locator('.bubble', { hasText: 'three' }).waitFor();
    server.answer(conversation, 'meanwhile');
    server.down = false;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.locator('.bubble', { hasText: 'meanwhile' }).waitFor();
    await sent(page, 'three').waitFor();
    await page.locator('.banner').waitFor({ state: 'detached' });
    expect(await bubbles(page)).toEqual(['one', 'meanwhile', 'two', 'three']);
    expect(server.messages.map(({ body }: { body: string }) => body)).toEqual([
      'one',
      'meanwhile',
      'two',
      'three',
    ]);
    expect((await stored(page)).filter((key) => key.includes(':out:'))).toEqual([]);
  });

  it('sends what was written before the server could be reached at all', async () => {
    server.down = true;
    await page.close();
    page = await open(context);
    await page.locator('.launcher').click();
    await write(page, 'first words');
    await page.reload();
    server.down = false;
    await page.locator('.launcher').waitFor({ state: 'visible' });
    await page.locator('.launcher').click();
    await sent(page, 'first words').waitFor();
    expect(server.messages).toHaveLength(1);
  });

  it('shows one conversation in two tabs over one stream, which outlives the first tab', async () => {
    await page.locator('.launcher').click();
    await write(page, 'from the first');
    await sent(page, 'from the first').waitFor();
    const other = await open(context);
    await other.locator('.launcher').click();
    await other.locator('.bubble', { hasText: 'from the first' }).waitFor();
    await write(other, 'from the second');
    await sent(other, 'from the second').waitFor();
    await page.locator('.bubble', { hasText: 'from the second' }).waitFor();
    const [conversation] = server.conversations;
    server.answer(conversation, 'to both');
    for (const tab of [page, other]) await tab.locator('.bubble', { hasText: 'to both' }).waitFor();
    expect(server.streams.size).toBe(1);
    await page.close();
    await expect.poll(() => server.streams.size).toBe(1);
    server.answer(conversation, 'to the one left');
    await other.locator('.bubble', { hasText: 'to the one left' }).waitFor();
    expect(await bubbles(other)).toEqual(['from the first', 'from the second', 'to both', 'to the one left']);
    expect(server.conversations).toHaveLength(1);
  });

  it('gives a tab that only looked the session of the tab that wrote', async () => {
    const other = await open(context);
    await other.locator('.launcher').click();
    await page.locator('.launcher').click();
    await write(page, 'hello');
    await other.locator('.bubble', { hasText: 'hello' }).waitFor();
    await write(other, 'again');
    await sent(page, 'again').waitFor();
    expect(server.conversations).toHaveLength(1);
  });

  it('shows nothing any more, here or in another tab, when the person is erased', async () => {
    await page.locator('.launcher').click();
    await write(page, 'forget this');
    await sent(page, 'forget this').waitFor();
    const other = await open(context);
    await other.locator('.launcher').click();
    await other.locator('.bubble').waitFor();
    await expect.poll(() => server.streams.size).toBe(1);
    server.erase(server.conversations[0].contact);
    for (const tab of [page, other]) await tab.locator('.bubble').waitFor({ state: 'detached' });
    await expect.poll(() => stored(page)).toEqual([]);
    await write(page, 'a new start');
    await sent(page, 'a new start').waitFor();
    expect(await bubbles(page)).toEqual(['a new start']);
    await other.locator('.bubble', { hasText: 'a new start' }).waitFor();
  });

  it('delivers what an erased person was just writing, as somebody new', async () => {
    await page.locator('.launcher').click();
    await write(page, 'old');
    await sent(page, 'old').waitFor();
    await expect.poll(() => server.streams.size).toBe(1);
    const { contact } = server.conversations[0];
    server.down = true;
    server.erase(contact);
    await write(page, 'new');
    await page.locator('.banner').waitFor();
    server.down = false;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await sent(page, 'new').waitFor();
    await expect.poll(() => bubbles(page)).toEqual(['new']);
    expect(server.conversations).toHaveLength(1);
    expect(server.conversations[0].contact).not.toBe(contact);
  });

  it('drops a session that the server ends altogether', async () => {
    await page.locator('.launcher').click();
    await write(page, 'hello');
    await sent(page, 'hello').waitFor();
    await expect.poll(() => server.streams.size).toBe(1);
    server.sessions.clear();
    server.cut();
    await page.locator('.bubble').waitFor({ state: 'detached' });
    await expect.poll(() => stored(page)).toEqual([]);
  });

  it('takes an address with consent, and gives it back with one press', async () => {
    await page.locator('.launcher').click();
    await write(page, 'Hello');
    const card = page.locator('form.card');
    expect(await card.locator('input[type=checkbox]').isChecked()).toBe(false);
    await card.locator('input[type=email]').fill('ada@example.org');
    await card.locator('button[type=submit]').click();
    await card.locator('[role=alert]').waitFor();
    expect(calls('POST /widget/v1/identify')).toBe(0);
    await card.locator('input[type=checkbox]').check();
    await card.locator('button[type=submit]').click();
    await page.locator('p.card', { hasText: 'ada@example.org' }).waitFor();
    expect(server.consents).toMatchObject([{ purpose: 'email_replies', action: 'grant', version: 2 }]);
    await page.locator('.foot button').click();
    await page.locator('section.card button').first().click();
    await page.locator('section.card', { hasText: 'You withdrew' }).waitFor();
    expect(server.consents).toMatchObject([{}, { purpose: 'email_replies', action: 'withdraw' }]);
  });

  it('exercises each right by a button, and asks once more before an erasure', async () => {
    await page.locator('.launcher').click();
    await write(page, 'hello');
    await sent(page, 'hello').waitFor();
    await page.locator('.foot button').click();
    const rights = page.locator('section.card', { hasText: 'Your rights' });
    const saved = page.waitForEvent('download');
    await rights.getByRole('button', { name: 'See what is held about me' }).click();
    expect((await saved).suggestedFilename()).toBe('my-data.zip');
    await rights.getByRole('status').waitFor();
    await rights.getByRole('button', { name: 'Object to the use of my data' }).click();
    await rights.getByRole('status').filter({ hasText: 'You have an answer by' }).waitFor();
    await rights.getByRole('button', { name: 'Erase everything about me' }).click();
    expect(server.asked).toEqual(['access', 'objection']);
    await rights.getByRole('button', { name: 'Keep it' }).click();
    await rights.getByRole('button', { name: 'Erase everything about me' }).click();
    await rights.getByRole('button', { name: 'Erase it' }).click();
    await expect.poll(() => server.asked).toEqual(['access', 'objection', 'erasure']);
  });

  it('forgets the person on this device when asked', async () => {
    await page.locator('.launcher').click();
    await write(page, 'Hello');
    await sent(page, 'Hello').waitFor();
    await page.locator('.foot button').click();
    await page.locator('.end').click();
    await page.locator('.bubble').waitFor({ state: 'detached' });
    expect(await stored(page)).toEqual([]);
    expect(server.messages).toHaveLength(1);
  });

  it('shows a refused message with a way out', async () => {
    await page.locator('.launcher').click();
    await write(page, 'Hello');
    await sent(page, 'Hello').waitFor();
    await write(page, 'refuse me');
    const failed = page.locator('.message [role=alert]');
    await failed.waitFor();
    expect(await failed.textContent()).toContain('This message cannot be sent.');
    await failed.locator('button').last().click();
    expect(await bubbles(page)).toEqual(['Hello']);
    await page.locator('textarea').fill('x'.repeat(10_001));
    await page.locator('.composer [role=alert]').waitFor();
    await page.locator('textarea').press('Enter');
    expect(await page.locator('textarea').inputValue()).toHaveLength(10_001);
  });

  it('brings back earlier messages and conversations', async () => {
    await page.locator('.launcher').click();
    await write(page, 'Hello');
    await sent(page, 'Hello').waitFor();
    const [conversation] = server.conversations;
    const early = Array.from({ length: 120 }, (_, n) => ({
      ...server.messages[0],
      id: `msg_0${String(n).padStart(4, '0')}`,
      client_id: '',
      body: `early ${n}`,
      created_at: new Date(Date.UTC(2026, 9, 1, 0, n)).toISOString(),
    }));
    server.messages = [...early, ...server.messages];
    server.begin(conversation.contact, 'Another matter', '2026-10-02T10:00:00.000000Z');
    await page.reload();
    await page.locator('.launcher').click();
    await page.locator('.bubble', { hasText: 'Hello' }).waitFor();
    expect(await page.locator('.bubble').count()).toBe(50);
    for (const count of [100, 121]) {
      await page.locator('.log').evaluate((log) => {
        log.scrollTop = 0;
      });
      await expect.poll(() => page.locator('.bubble').count()).toBe(count);
    }
    expect((await bubbles(page))[0]).toBe('early 0');
    await page.locator('header .tool').first().click();
    await page.locator('li', { hasText: 'Another matter' }).locator('button').click();
    await expect.poll(() => bubbles(page)).toEqual(['Another matter']);
    await page.locator('header .tool').first().click();
    await page.locator('.page > .button').click();
    await write(page, 'A third');
    await sent(page, 'A third').waitFor();
    expect(server.conversations).toHaveLength(3);
  });

  it('is worked by the keyboard, and gives the focus back', async () => {
    const focused = () =>
      page.evaluate(() => {
        const inner = document.querySelector('#botimum')?.shadowRoot?.activeElement;
        return inner?.getAttribute('aria-label') ?? document.activeElement?.tagName;
      });
    await page.locator('.launcher').focus();
    await page.keyboard.press('Enter');
    await page.locator('textarea').waitFor();
    await expect.poll(focused).toBe('Write a message');
    await page.keyboard.type('line one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('line two');
    await page.keyboard.press('Enter');
    await expect.poll(() => bubbles(page)).toEqual(['line one\nline two']);
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Open chat');
    await page.locator('a', { hasText: 'See the trips' }).focus();
    await page.evaluate(() => window.botimum('chat', 'open'));
    await expect.poll(focused).toBe('Write a message');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('See the trips');
  });

  it('keeps the focus inside on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.launcher').click();
    await page.locator('textarea').waitFor();
    const outside = () => page.evaluate(() => document.activeElement?.tagName === 'A');
    for (let tab = 0; tab < 14; tab++) {
      await page.keyboard.press('Tab');
      expect(await outside()).toBe(false);
    }
    const box = await page.locator('.panel').boundingBox();
    expect(box).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    await page.keyboard.press('Escape');
    await page.locator('.panel').waitFor({ state: 'hidden' });
    await page.locator('.launcher').click();
    await page.locator('textarea').waitFor();
  });

  it.each([
    ['light', 1280, 'en', '#0f766e'],
    ['dark', 1280, 'de', '#ffe066'],
    ['light', 390, 'ar', '#ffe066'],
    ['dark', 390, 'en', '#101010'],
  ] as const)('passes axe: %s, %i pixels, %s, %s', async (colorScheme, width, lang, color) => {
    server.settings.color = color;
    const own = await browser.newContext({ colorScheme, viewport: { width, height: 844 } });
    const tab = await open(own, `?lang=${lang}`);
    const findings: string[] = [];
    const check = async (screen: string) => {
      await tab.evaluate(AXE);
      const found = await tab.evaluate(
        'axe.run().then(({violations}) => violations.map(({id, nodes}) => id + " " + nodes[0].html))',
      );
      for (const finding of found as string[]) findings.push(`${screen}: ${finding}`);
    };
    await check('closed');
    await tab.locator('.launcher').click();
    await tab.locator('textarea').waitFor();
    await check('empty');
    await write(tab, 'Look at https://a.example/x');
    await tab.locator('form.card button[type=submit]').click();
    const [conversation] = server.conversations;
    await expect.poll(() => server.streams.size).toBe(1);
    server.answer(conversation, 'Hello, see www.b.example');
    await tab.locator('.bubble', { hasText: 'Hello' }).waitFor();
    server.typing(conversation);
    await check('conversation');
    server.down = true;
    server.cut();
    await write(tab, 'Still there?');
    await tab.locator('.banner').waitFor();
    await check('offline');
    server.down = false;
    await tab.locator('.foot button').click();
    await check('privacy');
    await tab.locator('header .tool').first().click();
    await tab.locator('header .tool').first().click();
    await check('list');
    await own.close();
    expect(findings).toEqual([]);
  });

  it('answers the page: queue, promises, errors, locale', async () => {
    const answers = await page.evaluate(async () => {
      const code = (call: Promise<unknown>) =>
        call.then(
          () => 'fine',
          (error) => error.code,
        );
      await window.botimum('locale', 'de');
      return {
        track: await code(window.botimum('track', 'x')),
        board: await code(window.botimum('board', 'close' as 'open', 'ideas')),
        request: await code(window.botimum('privacy', 'request', 'nothing')),
        proof: await code(window.botimum('identify', { token: 'bad' })),
        bare: await code(window.botimum('identify', { email: 'a@b.example' })),
        status: await window.botimum('consent', 'status', 'email_replies'),
        message: await window.botimum('chat', 'message', 'Hallo'),
      };
    });
    expect(answers).toMatchObject({
      track: 'nothing_held',
      board: 'invalid_command',
      request: 'invalid',
      proof: 'unauthorized',
      bare: 'basis_required',
      status: { purpose: 'email_replies', state: 'none' },
      message: { body: 'Hallo' },
    });
    await page.locator('text=· Gesendet').waitFor();
    await page.evaluate(() => window.botimum('chat', 'hide'));
    await page.locator('.launcher').waitFor({ state: 'hidden' });
  });
});

/*
 * Takes a picture of every screen, wide and narrow, light and dark, in a real Chromium against the mock server, and runs
 * axe on each: node test/screenshots.mjs DIR [name part]. Build first. Ends with 1 on a serious finding or a console error.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { startMock } from './mock-server.mjs';

const dir = process.argv[2];
const only = process.argv[3] ?? '';
if (!dir) throw new Error('say where the pictures go');
mkdirSync(dir, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

const thread = async (page) => {
  await page.locator('[data-row]').first().click();
  await page.getByText('could somebody call me').last().waitFor();
};
const erase = async (page) => {
  await page.getByText('Amina Diallo').first().click();
  await page.getByRole('button', { name: 'Bin or erase' }).click();
  await page.getByRole('menuitem', { name: 'Erase for good…' }).click();
  await page.getByRole('alertdialog').waitFor();
};

/** name, path, what to do before the picture, how the mock stands. */
const screens = [
  {
    name: 'sign-in',
    path: '/sign-in',
    signedOut: true,
    act: async (page) => {
      await page.getByLabel('E-mail').fill('nora@fernhill.example');
      await page.getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'setup',
    path: '/setup',
    mock: { needsSetup: true },
    signedOut: true,
    act: async (page) => {
      await page.getByLabel('Set-up token').fill('token');
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Create the workspace' }).click();
      await page.getByRole('alert').first().waitFor();
    },
  },
  { name: 'inbox', path: '/inbox' },
  { name: 'inbox-empty', path: '/inbox', mock: { isEmpty: true } },
  { name: 'thread', path: '/inbox', act: thread },
  {
    name: 'thread-note',
    path: '/inbox',
    act: async (page, mock) => {
      await thread(page);
      await page.keyboard.press('n');
      await page.keyboard.type('Ask Samuel to call her at nine.');
      const c = mock.db.conversations[0];
      mock.tell('typing', {
        conversation_id: c.id,
        author: { type: 'contact', id: c.contact_id, name: c.contact.name },
      });
      await page.getByText('is typing').waitFor();
    },
  },
  {
    name: 'thread-failed',
    path: '/inbox',
    act: async (page, mock) => {
      await thread(page);
      mock.state.failSends = true;
      await page.keyboard.press('r');
      await page.keyboard.type('Of course, we call you an hour before.');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByText('Not sent.').waitFor();
    },
  },
  {
    name: 'thread-menu',
    path: '/inbox',
    act: async (page) => {
      await thread(page);
      await page.getByRole('button', { name: 'Snooze, priority and more' }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'person',
    path: '/inbox',
    act: async (page) => {
      await thread(page);
      const show = page.getByRole('button', { name: 'Show the person' });
      if (await show.isVisible()) await show.click();
      await page.getByText('Whole profile').waitFor();
    },
  },
  {
    name: 'palette',
    path: '/inbox',
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('ship');
      await page.getByText('Messages').last().waitFor();
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'shortcuts',
    path: '/inbox',
    act: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'reconnecting',
    path: '/inbox',
    act: async (page, mock) => {
      mock.state.signedIn = true;
      await page.route('**/api/v1/stream', (route) => route.abort());
      mock.cut();
      await page.getByText('Reconnecting').locator('visible=true').first().waitFor();
    },
  },
  { name: 'contacts', path: '/contacts' },
  {
    name: 'contacts-none',
    path: '/contacts',
    act: async (page) => {
      await page.getByRole('searchbox').locator('visible=true').fill('zzz');
      await page.getByText('Nobody is found').waitFor();
    },
  },
  {
    name: 'contact-create',
    path: '/contacts',
    act: async (page) => {
      await page.getByRole('button', { name: 'Add a contact' }).click();
      await page.getByLabel('E-mail').fill('not an address');
      await page.getByRole('button', { name: 'Add the contact' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'contact',
    path: '/contacts',
    act: async (page) => {
      await page.getByText('Amina Diallo').first().click();
      await page.getByText('Who looked').waitFor();
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'erase',
    path: '/contacts',
    act: async (page) => {
      await erase(page);
      await page.getByLabel('Type').fill('erase');
    },
  },
  {
    name: 'erased',
    path: '/contacts',
    act: async (page) => {
      await erase(page);
      await page.getByLabel('Type').fill('erase');
      await page.getByRole('button', { name: 'Erase for good' }).click();
      await page.getByRole('heading', { name: 'Erased' }).waitFor();
    },
  },
  {
    name: 'bin',
    path: '/contacts',
    act: async (page) => {
      await page.getByText('Jonas Lindqvist').first().click();
      await page.getByRole('button', { name: 'Bin or erase' }).click();
      await page.getByRole('menuitem', { name: 'Move to the bin' }).click();
      await page.getByText('Moved to the bin').waitFor();
      await page.getByRole('button', { name: 'Bin' }).click();
      await page.getByText('Jonas Lindqvist').click();
      await page.getByText('In the bin').waitFor();
    },
  },
  { name: 'settings', path: '/settings' },
  { name: 'workspace', path: '/settings/workspace' },
  { name: 'install', path: '/settings/install' },
  { name: 'operators', path: '/settings/operators' },
  {
    name: 'operator-add',
    path: '/settings/operators',
    act: async (page) => {
      await page.getByRole('button', { name: 'Add an operator' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'api-keys', path: '/settings/api-keys' },
  {
    name: 'api-key-secret',
    path: '/settings/api-keys',
    act: async (page) => {
      await page.getByRole('button', { name: 'Create a key' }).click();
      await page.getByLabel('Name').fill('Nightly sync');
      await page.getByLabel('Read contacts').check();
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await page.getByText('Copy the key now').waitFor();
    },
  },
  {
    name: 'webhooks',
    path: '/settings/webhooks',
    act: async (page) => {
      await page.getByRole('button', { name: 'Test crm.fernhill.example' }).click();
      await page.getByText('The test arrived.').waitFor();
    },
  },
  { name: 'webhooks-empty', path: '/settings/webhooks', mock: { isEmpty: true } },
  {
    name: 'webhook-add',
    path: '/settings/webhooks',
    act: async (page) => {
      await page.getByRole('button', { name: 'Add an endpoint' }).click();
      await page.getByLabel('Address').fill('http://shop.fernhill.example/hooks');
      await page.getByLabel('Somebody is erased').uncheck();
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'webhook-secret',
    path: '/settings/webhooks',
    act: async (page) => {
      await page.getByRole('button', { name: 'Add an endpoint' }).click();
      await page.getByLabel('Address').fill('https://shop.fernhill.example/hooks');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('Copy the secret now').waitFor();
    },
  },
  { name: 'privacy', path: '/settings/privacy' },
  { name: 'audit', path: '/settings/audit' },
];

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
let failures = 0;
const complain = (text) => {
  failures++;
  process.stdout.write(`${text}\n`);
};

for (const screen of screens.filter((s) => s.name.includes(only))) {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const scheme of ['light', 'dark']) {
      const label = `${screen.name}-${size}-${scheme}`;
      const mock = await startMock(screen.mock);
      mock.state.signedIn = !screen.signedOut;
      const context = await browser.newContext({
        viewport,
        colorScheme: scheme,
        hasTouch: size === 'narrow',
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      page.on(
        'console',
        (m) =>
          m.type() === 'error' &&
          !/status of (401|404|422|503)|ERR_FAILED|ERR_INCOMPLETE/.test(m.text()) &&
          complain(`${label}: console: ${m.text()}`),
      );
      page.on('pageerror', (e) => complain(`${label}: error: ${e.message}`));
      try {
        await page.goto(mock.url + screen.path);
        await page.locator('h1, h2').first().waitFor();
        await page.waitForTimeout(250);
        await screen.act?.(page, mock);
        // Long enough for a busy machine to paint.
        await page.waitForTimeout(600);
        await page.screenshot({ path: `${dir}/${label}.png` });
        // Through the debugger, as the page's policy forbids scripts from elsewhere.
        await page.evaluate(axe);
        const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        for (const v of found.violations.filter((x) => ['serious', 'critical'].includes(x.impact))) {
          complain(
            `${label}: axe ${v.impact} ${v.id}: ${v.nodes
              .slice(0, 3)
              .map((n) => `${n.target} ${n.any[0]?.message ?? ''}`)
              .join(' | ')}`,
          );
        }
      } catch (e) {
        complain(`${label}: ${e.message.split('\n')[0]}`);
        await page.screenshot({ path: `${dir}/${label}-failed.png` }).catch(() => {});
      }
      await context.close();
      mock.close();
    }
  }
}
await browser.close();
process.stdout.write(`${failures} findings\n`);
process.exit(failures ? 1 : 0);

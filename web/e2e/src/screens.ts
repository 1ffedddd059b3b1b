/**
 * Every screen that people see, and the way to it. The tests run axe on each; the screenshots show each. A way starts
 * on a blank page of the wanted size.
 */
import { expect, type Page } from '@playwright/test';
import { type Api, writeAsVisitor } from './api.ts';
import { Dashboard } from './dashboard.ts';
import { type Guard, OUTAGE } from './guard.ts';
import type { Server } from './server.ts';
import { Widget } from './widget.ts';

export interface Stage {
  page: Page;
  server: Server;
  api: Api;
  guard: Guard;
  /** Whether the screen is a phone's. */
  narrow: boolean;
}

export interface Screen {
  name: string;
  /** Whose browser it is shown in. */
  who: 'operator' | 'visitor';
  reach(stage: Stage): Promise<void>;
}

export const SIZES = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 390, height: 844 },
} as const;

const SETTINGS = ['workspace', 'install', 'operators', 'api-keys', 'privacy', 'audit'] as const;

const PRIVACY = ['requests', 'answering', 'purposes'] as const;

export const SCREENS: Screen[] = [
  screen('sign-in', 'visitor', async ({ page }) => {
    await page.goto('/sign-in');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  }),
  screen('sign-in-wrong', 'visitor', async ({ page }) => {
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill('mara@quayside.example');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText('do not go together');
  }),

  screen('inbox', 'operator', async (stage) => {
    await inbox(stage);
  }),
  screen('thread', 'operator', thread),
  screen('thread-note', 'operator', async (stage) => {
    await thread(stage);
    await stage.page.getByRole('button', { name: 'Note', exact: true }).click();
    await stage.page
      .getByRole('textbox', { name: 'Note for colleagues' })
      .fill('Ask Bram to call the carrier.');
  }),
  screen('thread-menu', 'operator', async (stage) => {
    await thread(stage);
    await stage.page.getByRole('button', { name: 'Snooze, priority and more' }).click();
    await expect(stage.page.getByRole('menu')).toBeVisible();
  }),
  screen('thread-gone', 'operator', async ({ page, guard }) => {
    guard.allow(/status of 404 .*\/api\/v1\/conversations\//);
    await page.goto('/inbox/cnv_00000000000000000000000000');
    await expect(page.getByText('This conversation is gone')).toBeVisible();
  }),
  screen('person', 'operator', async (stage) => {
    await thread(stage);
    const show = stage.page.getByRole('button', { name: 'Show the person' });
    if (await show.isVisible()) await show.click();
    await expect(stage.page.getByText('Whole profile')).toBeVisible();
    await expect(stage.page.getByText('First seen')).toBeVisible();
  }),
  screen('palette', 'operator', async (stage) => {
    await inbox(stage);
    await stage.page.keyboard.press('Control+k');
    await stage.page.getByRole('combobox').fill('birthday');
    await expect(stage.page.getByRole('option').filter({ hasText: 'birthday present' })).toBeVisible();
  }),
  screen('shortcuts', 'operator', async (stage) => {
    await inbox(stage);
    await stage.page.keyboard.press('?');
    await expect(stage.page.getByRole('dialog')).toBeVisible();
  }),
  screen('operator-menu', 'operator', async ({ page, narrow }) => {
    await page.goto(narrow ? '/settings' : '/inbox');
    if (narrow) return expect(page.getByText('Sign out')).toBeVisible();
    await page.getByRole('button', { name: /Mara Lindqvist/ }).click();
    await expect(page.getByRole('menu')).toBeVisible();
  }),

  screen('contacts', 'operator', async ({ page }) => {
    await page.goto('/contacts');
    await expect(page.getByRole('row').nth(1).getByRole('link').first()).toBeVisible();
  }),
  screen('contacts-none', 'operator', async ({ page }) => {
    await page.goto('/contacts');
    await page.getByRole('searchbox').locator('visible=true').fill('zzzz');
    await expect(page.getByText('Nobody is found')).toBeVisible();
  }),
  screen('contact', 'operator', async ({ page }) => {
    await openAmina(page);
    await expect(page.getByRole('heading', { name: 'Why this is kept' })).toBeVisible();
    await expect(page.locator('.skeleton')).toHaveCount(0);
  }),
  screen('contact-privacy', 'operator', async ({ page }) => {
    await openAmina(page);
    await page.getByRole('tab', { name: 'Privacy' }).click();
    await expect(page.getByRole('heading', { name: 'Legal hold' })).toBeVisible();
  }),
  screen('contact-looks', 'operator', async ({ page }) => {
    await openAmina(page);
    await page.getByRole('tab', { name: 'Who looked' }).click();
    await expect(page.getByText('opened the profile').first()).toBeVisible();
  }),
  screen('contact-add', 'operator', async ({ page }) => {
    await page.goto('/contacts');
    await page.getByRole('button', { name: 'Add a contact' }).first().click();
    await expect(page.getByRole('dialog')).toBeVisible();
  }),
  screen('erase', 'operator', async (stage) => {
    const dialog = await askToErase(stage);
    await dialog.getByRole('textbox').fill('erase');
  }),
  screen('erased', 'operator', async (stage) => {
    const dialog = await askToErase(stage);
    await dialog.getByRole('textbox').fill('erase');
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await expect(stage.page.getByRole('heading', { name: 'Erased' })).toBeVisible();
  }),
  screen('contact-gone', 'operator', async ({ page, guard }) => {
    guard.allow(/status of 404 .*\/api\/v1\/contacts\//);
    await page.goto('/contacts/con_00000000000000000000000000');
    await expect(page.getByText('This person is no longer here')).toBeVisible();
  }),

  ...SETTINGS.map((place) =>
    screen(`settings-${place}`, 'operator', async ({ page }) => {
      await page.goto(`/settings/${place}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
    }),
  ),
  ...PRIVACY.map((tab) =>
    screen(`privacy-${tab}`, 'operator', async ({ page }) => {
      await page.goto(`/privacy-centre/${tab}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
    }),
  ),
  screen('request-add', 'operator', async ({ page }) => {
    await page.goto('/privacy-centre/requests');
    await page.getByRole('button', { name: 'New request' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  }),
  screen('operator-add', 'operator', async ({ page }) => {
    await page.goto('/settings/operators');
    await page.getByRole('button', { name: 'Add an operator' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  }),
  screen('key-secret', 'operator', async ({ page }) => {
    await page.goto('/settings/api-keys');
    await page.getByRole('button', { name: 'Create a key' }).first().click();
    await page.getByLabel('Name').fill('Nightly sync');
    await page.getByLabel('Read contacts').check();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(page.getByText('Copy the key now')).toBeVisible();
  }),
  screen('no-such-page', 'operator', async ({ page }) => {
    await page.goto('/no-such-page');
    await expect(page.getByText('There is nothing at this address')).toBeVisible();
  }),

  screen('demo', 'visitor', async ({ page }) => {
    await page.goto('/demo');
    await expect(new Widget(page).launcher).toBeVisible();
  }),
  screen('widget-open', 'visitor', async (stage) => {
    await openWidget(stage);
  }),
  screen('widget-email', 'visitor', async (stage) => {
    const widget = await openWidget(stage);
    await widget.write('Is the Lantern quiet enough for late rides?');
    await expect(widget.emailCard).toBeVisible();
    await expect(widget.waiting).toHaveCount(0);
  }),
  screen('widget-thread', 'visitor', async (stage) => {
    await talk(stage);
  }),
  screen('widget-list', 'visitor', async (stage) => {
    const widget = await talk(stage);
    await widget.panel.getByRole('button', { name: 'Conversations' }).click();
    await expect(widget.panel.getByRole('button', { name: 'New conversation' })).toBeVisible();
  }),
  screen('widget-privacy', 'visitor', async (stage) => {
    const widget = await openWidget(stage);
    await widget.showPrivacy();
  }),
  screen('widget-offline', 'visitor', async (stage) => {
    const widget = await talk(stage);
    stage.guard.allow(OUTAGE);
    await stage.page.context().setOffline(true);
    await expect(widget.panel.getByText('No connection.')).toBeVisible();
    await widget.write('Written without a connection.');
    await expect(widget.waiting).toHaveText(['Written without a connection.']);
  }),
  screen('widget-unread', 'visitor', async (stage) => {
    const widget = await talk(stage);
    await widget.field.press('Escape');
    await expect(widget.panel).toBeHidden();
    const { api } = stage;
    const newest = await api.call<{ data: { id: string }[] }>('GET', 'conversations?limit=1');
    await api.reply(newest.data[0]?.id ?? '', 'One more thing: we are closed on Monday.');
    await expect(widget.launcher).toHaveAccessibleName('Open chat: 1');
  }),

  screen('notice', 'visitor', async ({ page, api }) => {
    await page.goto(`/privacy/${api.session.workspace.slug}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }),
  screen('docs', 'visitor', async ({ page }) => {
    await page.goto('/docs');
    await expect(page.getByRole('heading', { name: 'REST API' })).toBeVisible();
  }),
];

function screen(name: string, who: Screen['who'], reach: Screen['reach']): Screen {
  return { name, who, reach };
}

async function inbox({ page }: Stage): Promise<Dashboard> {
  const dashboard = new Dashboard(page);
  await page.goto('/inbox');
  await expect(dashboard.rows.first()).toBeVisible();
  return dashboard;
}

/** A person of the demo data, found however many others the tests before have brought. */
async function openAmina(page: Page): Promise<void> {
  await page.goto('/contacts');
  await page.getByRole('searchbox').locator('visible=true').fill('Amina');
  await page.getByRole('link', { name: 'Amina Diallo' }).click();
}

async function thread(stage: Stage): Promise<void> {
  const { page, api } = stage;
  const dashboard = new Dashboard(page);
  const { data } = await api.call<{ data: { id: string; contact: { name: string } }[] }>(
    'GET',
    'conversations?limit=100',
  );
  await page.goto(`/inbox/${data.find((c) => c.contact.name === 'Amina Diallo')?.id}`);
  await expect(dashboard.log.getByText('The carrier lost a pallet')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resolve' })).toBeVisible();
}

async function askToErase({ page, server, api }: Stage) {
  const { contact } = await writeAsVisitor(
    server,
    api.session.workspace.key,
    'Please erase all that you have of me.',
  );
  await page.goto(`/contacts/${contact}`);
  return new Dashboard(page).askToErase();
}

async function openWidget({ page }: Stage): Promise<Widget> {
  const widget = new Widget(page);
  await page.goto('/demo');
  await widget.open();
  await expect(widget.panel.getByText('Ask us anything about bicycles.')).toBeVisible();
  return widget;
}

/** A conversation with an answer in it. */
async function talk(stage: Stage): Promise<Widget> {
  const widget = await openWidget(stage);
  await widget.write('Do you repair hub gears of other makers?');
  await expect(widget.waiting).toHaveCount(0);
  await widget.emailCard.getByRole('button', { name: 'No, thanks' }).click();
  const newest = await stage.api.call<{ data: { id: string }[] }>('GET', 'conversations?limit=1');
  await stage.api.reply(
    newest.data[0]?.id ?? '',
    'We do. Bring it any day before noon, and you have it back by evening.',
  );
  await expect(widget.bubbles).toHaveCount(2);
  return widget;
}

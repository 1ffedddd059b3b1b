import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, test } from '../src/fixtures.ts';
import { seriousFindings } from '../src/look.ts';
import { Widget } from '../src/widget.ts';

interface Made {
  id: string;
}

/** Runs a command of the page's. */
function run(page: Page, ...command: unknown[]): Promise<void> {
  return page.evaluate(async (command) => {
    await (window as unknown as { botimum(...command: unknown[]): Promise<unknown> }).botimum(...command);
  }, command);
}

/** A token that the customer's own server would sign. */
function identityToken(secret: string, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, exp: Math.floor(Date.now() / 1000) + 600 })}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

test('people look at a board in the widget, and vote once it is known who they are', async ({
  website,
  api,
  open,
  guard,
}) => {
  guard.allow(/status of (409|404)/); // what is refused, browsers write on their console
  const board = await api.call<Made>('POST', 'boards', {
    name: 'Wishes',
    slug: 'wishes',
    visibility: 'public',
  });
  await api.call('POST', `boards/${board.id}/posts`, { title: 'A bell at the door' });
  const { identity_secret: secret } = await api.call<{ identity_secret: string }>(
    'GET',
    'workspace/identity-secret',
  );
  const widget = new Widget(await (await open()).newPage());
  const { page, panel } = widget;
  await page.goto(website.url);
  await expect(widget.launcher).toBeVisible();
  await run(page, 'board', 'open', 'wishes');
  await expect(panel.getByRole('heading', { name: 'Wishes' })).toBeVisible();
  const vote = panel.getByRole('button', { name: /Vote for: A bell at the door/ });
  await expect(vote).toHaveText('0');
  await expect(panel.getByRole('link', { name: 'A bell at the door' })).toHaveAttribute(
    'href',
    /\/b\/[^/]+\/wishes\/p\/1/,
  );

  await vote.click();
  await expect(panel.getByRole('link', { name: 'Open the board' })).toBeVisible();
  await expect(vote).toHaveText('0');

  const token = identityToken(secret, { sub: 'u-board', email: 'bell@example.org' });
  await run(page, 'identify', { token });
  await run(page, 'board', 'open', 'wishes');
  await vote.click();
  await expect(vote).toHaveText('1');
  await expect(vote).toHaveAttribute('aria-pressed', 'true');
  await page.reload();
  await expect(widget.launcher).toBeVisible();
  await run(page, 'board', 'open', 'wishes');
  await expect(vote).toHaveAttribute('aria-pressed', 'true');
  expect(await seriousFindings(page)).toEqual([]);
  await vote.click();
  await expect(vote).toHaveText('0');

  await run(page, 'board', 'open', 'nothing-here');
  await expect(panel.getByText('There is no such board.')).toBeVisible();
});

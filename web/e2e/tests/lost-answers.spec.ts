import type { Page } from '@playwright/test';
import { expect, test } from '../src/fixtures.ts';
import { OUTAGE } from '../src/guard.ts';

test('what the server stored, but could not say so, is not stored again', async ({
  api,
  guard,
  visitor,
  widget,
  operator,
  dashboard,
}) => {
  guard.allow(OUTAGE);
  await visitor.goto('/demo');
  await widget.open();

  const opened = await loseAnswers(visitor, '**/widget/v1/conversations', 2);
  await widget.write('The first words, said three times on the wire.');
  await opened();
  await expect(widget.waiting).toHaveCount(0);
  const posted = await loseAnswers(visitor, '**/widget/v1/conversations/*/messages', 1);
  await widget.write('The second words, said twice.');
  await posted();
  await expect(widget.waiting).toHaveCount(0);
  const said = ['The first words, said three times on the wire.', 'The second words, said twice.'];
  await expect(widget.bubbles).toHaveText(said);

  await operator.goto('/inbox');
  const conversation = await dashboard.open(said[1] ?? '');
  await expect(dashboard.messages).toHaveText(said);
  const answered = await loseAnswers(operator, '**/api/v1/conversations/*/messages', 1);
  await dashboard.reply('An answer whose answer is lost.');
  await answered();
  said.push('An answer whose answer is lost.');
  await expect(dashboard.messages).toHaveText(said);
  await expect(dashboard.log.getByText(/^(Not sent|Sending)/)).toHaveCount(0);
  await expect(widget.bubbles).toHaveText(said);
  expect((await api.said(conversation)).map(([, body]) => body)).toEqual(said);
});

/**
 * Lets the next posts to such an address reach the server, and cuts the line before its answers come back. What
 * it gives waits for the last of them.
 */
async function loseAnswers(page: Page, address: string, times: number): Promise<() => Promise<void>> {
  let left = times;
  let done = () => {};
  const end = new Promise<void>((resolve) => {
    done = resolve;
  });
  await page.route(address, async (route) => {
    if (route.request().method() !== 'POST' || left === 0) return route.continue();
    left--;
    expect((await route.fetch()).ok()).toBe(true);
    await route.abort('connectionreset');
    if (left === 0) done();
  });
  return () => end;
}

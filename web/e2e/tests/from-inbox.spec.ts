import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, settled, tooWide } from '../src/look.ts';
import { SIZES } from '../src/screens.ts';

interface Contribution {
  kind: string;
  post: { id: string; title: string; votes: number };
  agreement: { how: string; message_id: string | null } | null;
}

const WISH = 'Hello! Could you let me gift a subscription to a friend?';

test('a message becomes a post, and a vote, in two keys', async ({
  visitor,
  widget,
  operator: page,
  dashboard,
  api,
}) => {
  await visitor.goto('/demo');
  await page.goto('/inbox');
  await widget.open();
  await widget.write(WISH);
  const board = await api.call<{ id: string; name: string }>('POST', 'boards', { name: 'From chats' });
  const there = await api.call<{ id: string }>('POST', `boards/${board.id}/posts`, {
    title: 'Gift subscriptions for friends',
  });
  const conversation = await dashboard.open(WISH);
  const person = (await api.call<{ contact_id: string }>('GET', `conversations/${conversation}`)).contact_id;
  const did = async () =>
    (await api.call<{ data: Contribution[] }>('GET', `contacts/${person}/contributions`)).data;
  const dialog = page.getByRole('dialog');
  const messages = page.getByRole('log', { name: 'Messages' });

  await test.step('v and Enter: a vote for the post that is alike', async () => {
    await messages.focus();
    await page.keyboard.press('v');
    await dialog.getByLabel('Board').selectOption({ label: board.name }); // kept for the next time
    await expect(dialog.getByRole('button', { name: 'Gift subscriptions' })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
    for (const size of [SIZES.narrow, SIZES.wide]) {
      await page.setViewportSize(size);
      await settled(page);
      expect(await tooWide(page)).toEqual([]);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await seriousFindings(page)).toEqual([]);
      }
    }
    await dialog.getByLabel('Which one?').press('Enter');
    await expect(dialog).toHaveCount(0);
    await expect
      .poll(async () => (await did())[0])
      .toMatchObject({
        kind: 'vote',
        post: { id: there.id, votes: 1 },
        agreement: { how: 'conversation' },
      });
  });

  await test.step('p and Enter: a post', async () => {
    await messages.focus();
    await page.keyboard.press('p');
    await expect(dialog.getByLabel('In one line')).toHaveValue(
      'Could you let me gift a subscription to a friend?',
    );
    await dialog.getByLabel('In one line').press('Enter');
    await expect(dialog).toHaveCount(0);
    await expect(messages.getByRole('link', { name: 'Could you let me gift a subscription' })).toBeVisible();
    const one = (await did())[0];
    expect(one).toMatchObject({ kind: 'post', agreement: { how: 'conversation' } });
    expect(one?.agreement?.message_id).toBeTruthy();
  });

  await test.step('words that are not there vote for nothing', async () => {
    await messages.focus();
    await page.keyboard.press('v');
    await dialog.getByLabel('Which one?').fill('zeppelin');
    await expect(dialog.getByText('No post has these words.')).toBeVisible();
    await dialog.getByLabel('Which one?').press('Enter');
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Escape');
    expect(await did()).toHaveLength(2);
  });

  await test.step('who was not asked is not named', async () => {
    await messages.focus();
    await page.keyboard.press('p');
    await dialog.getByLabel('In one line').fill('Subscriptions as gifts');
    await dialog
      .getByLabel('Do they know?')
      .selectOption({ label: 'They were not asked: post it as the team' });
    await dialog.getByRole('button', { name: 'Post', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    expect(await did()).toHaveLength(2);
  });

  await test.step("the person's page shows both", async () => {
    await page.goto(`/contacts/${person}`);
    await page.getByRole('tab', { name: 'Boards' }).click();
    const list = page.getByRole('list', { name: 'On the boards' });
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await expect(list).toContainText('agreed in a conversation');
    expect(await seriousFindings(page)).toEqual([]);
  });
});

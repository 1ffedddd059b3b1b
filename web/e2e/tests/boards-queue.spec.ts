import { createHmac } from 'node:crypto';
import type { Api } from '../src/api.ts';
import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, tooWide } from '../src/look.ts';

interface Thing {
  id: string;
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that the customer's own server would sign. */
function identityToken(secret: string, claims: object): string {
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, exp: Math.floor(Date.now() / 1000) + 600 })}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

/** A post that waits, as when a colleague has it wait. */
async function waiting(api: Api, boardId: string, title: string): Promise<Thing> {
  const post = await api.call<Thing>('POST', `boards/${boardId}/posts`, { title });
  return api.call('PATCH', `posts/${post.id}`, { state: 'pending' });
}

test('an operator says what waits, and decides about it by keys alone', async ({
  operator: page,
  api,
  open,
  guard,
}) => {
  guard.allow(/status of 422 .*\/moderation$/);
  const board = await api.call<Thing>('POST', 'boards', { name: 'Pier', slug: 'pier', visibility: 'public' });
  const at = `/b/${api.session.workspace.slug}/pier`;

  await test.step('the rules are set in plain words, and what is wrong stands at its field', async () => {
    await page.goto(`/boards/${board.id}/settings`);
    await page.getByRole('link', { name: 'Moderation' }).click();
    await page.getByLabel('Links that a text may have').fill('many');
    await expect(page.getByText('A number from 0 to 100.')).toBeVisible();
    await page.getByLabel('Links that a text may have').fill('1');
    await page.getByLabel('Words and phrases to look for').fill('casino*\n!!!');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText(/“!!!” must have a letter or a digit/)).toBeVisible();
    await page.getByLabel('Words and phrases to look for').fill('casino*');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Not saved:')).toHaveCount(0);
    expect(await api.call('GET', `boards/${board.id}/moderation`)).toMatchObject({
      words: ['casino*'],
      max_links: 1,
    });
    expect(await seriousFindings(page)).toEqual([]);
  });

  await test.step('people write what has to wait', async () => {
    const { identity_secret: secret } = await api.call<{ identity_secret: string }>(
      'GET',
      'workspace/identity-secret',
    );
    const token = identityToken(secret, { sub: 'u-queue', email: 'queue@example.org', name: 'Bea Quist' });
    const visitor = await (await open()).newPage();
    await visitor.goto(`${at}/sign-in/from?next=/new#token=${token}`);
    await visitor.locator('#identity button').click();
    for (const title of ['The best casinos', 'A casino at the pier']) {
      await visitor.goto(`${at}/new`);
      await visitor.getByLabel('In one line').fill(title);
      await visitor.getByRole('button', { name: 'Share the idea' }).click();
      await visitor.waitForURL((url) => !url.pathname.endsWith('/new'));
    }
    await waiting(api, board.id, 'A lamp for the pier');
  });

  await test.step('it stands in the queue with the reason', async () => {
    await page.goto('/boards');
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^To decide/ });
    await expect(link).toContainText('4'); // one of them is the demo's own
    await page.getByRole('link', { name: '3 wait for approval' }).click();
    await expect(page).toHaveURL(/\/boards\/queue\?board=/);
    await expect(page.getByRole('article')).toHaveCount(3);
    await expect(page.getByRole('article', { name: 'The best casinos' })).toContainText(
      "It holds one of the board's words.",
    );
    await expect(page.getByRole('article', { name: 'A lamp for the pier' })).toContainText(
      'A colleague had it wait.',
    );
    await expect(page.getByRole('link', { name: 'Bea Quist' }).first()).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
  });

  await test.step('keys approve, reject with a reason, and block', async () => {
    await page.keyboard.press('j');
    await expect(page.getByRole('article', { name: 'The best casinos' })).toBeFocused();
    await page.keyboard.press('r');
    await page.getByLabel('Why, in words for its author').fill('This is about bicycles.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('article')).toHaveCount(2);
    await expect(page.getByRole('article', { name: 'A casino at the pier' })).toBeFocused();
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await expect(page.getByRole('article')).toHaveCount(1);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await expect(page.getByText('1 chosen')).toBeVisible();
    await page.keyboard.press('b');
    const asking = page.getByRole('alertdialog');
    await expect(asking).toContainText('keeps every right over their data');
    await asking.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByRole('article')).toHaveCount(1);
    await page.keyboard.press('b');
    await asking.getByRole('button', { name: 'Remove and block' }).click();
    await expect(page.getByText('Nothing waits')).toBeVisible();
    const list = await (await open()).newPage();
    await list.goto(at);
    await expect(list.getByRole('link', { name: 'A lamp for the pier' })).toBeVisible();
    await expect(list.getByText('casino')).toHaveCount(0);
  });
});

test('what became of each of several is told, and a phone has room for it', async ({
  operator: page,
  api,
}) => {
  const board = await api.call<Thing>('POST', 'boards', { name: 'Quay', slug: 'quay', visibility: 'public' });
  const first = await waiting(api, board.id, 'First plank');
  const second = await waiting(api, board.id, 'Second plank');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/boards/queue?board=${board.id}`);
  await page.getByRole('checkbox', { name: 'Choose First plank' }).check();
  await page.getByRole('checkbox', { name: 'Choose Second plank' }).check();
  expect(await tooWide(page)).toEqual([]);
  expect(await seriousFindings(page)).toEqual([]);
  const results = [
    { id: first.id, done: true, code: '', detail: '' },
    { id: second.id, done: false, code: 'others_took_part', detail: 'Others voted here.' },
  ];
  await page.route('**/board-pending/bulk', (route) => route.fulfill({ json: { results } }), { times: 1 });
  const chosen = page.getByRole('region', { name: 'With the chosen ones' });
  await chosen.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByRole('article', { name: 'Second plank' }).getByRole('alert')).toHaveText(
    'Others voted here.',
  );
  await expect(page.getByRole('article', { name: 'First plank' })).toHaveCount(0);
  await page.getByRole('article', { name: 'Second plank' }).getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText('Nothing waits')).toBeVisible();
});

import type { Page } from '@playwright/test';
import type { Api } from '../src/api.ts';
import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, settled, tooWide } from '../src/look.ts';
import { SIZES } from '../src/screens.ts';

interface Wish {
  id: string;
  title: string;
  status: string;
  state: string;
  votes: number;
  owner_id: string | null;
  merged_into: string | null;
}

/** A board of its own with three posts, of which one waits for approval; the newest is named last. */
async function ideas(api: Api, name: string): Promise<{ board: string; ids: string[] }> {
  const board = await api.call<{ id: string }>('POST', 'boards', { name });
  const ids: string[] = [];
  for (const title of ['Dark mode', 'Export to a file', 'Lights that dim']) {
    ids.push(
      (await api.call<Wish>('POST', `boards/${board.id}/posts`, { title, body: `**Why** not ${title}?` })).id,
    );
  }
  await api.call('PATCH', `posts/${ids[2]}`, { state: 'pending' });
  return { board: board.id, ids };
}

async function looksWell(page: Page): Promise<void> {
  for (const size of [SIZES.narrow, SIZES.wide]) {
    await page.setViewportSize(size);
    await settled(page);
    expect(await tooWide(page)).toEqual([]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFindings(page)).toEqual([]);
    }
  }
}

test('posts are triaged by keys alone', async ({ operator: page, api, guard }) => {
  guard.allow(/status of 412 .*\/posts\//); // an edit that overtakes one's own change of status is sent again
  const { board, ids } = await ideas(api, 'Keys');
  const wish = (at: number) => api.call<Wish>('GET', `posts/${ids[at]}`);
  const press = (keys: string) => page.keyboard.press(keys);
  await page.goto(`/boards/${board}?sort=new`);
  const rows = page.getByRole('region', { name: 'Posts' }).getByRole('listitem');
  await expect(rows).toHaveText([/Lights that dim/, /Export to a file/, /Dark mode/]);

  await test.step('walk and open', async () => {
    await press('j');
    await expect(rows.nth(0).getByRole('link')).toBeFocused();
    await press('j');
    await press('Enter');
    await expect(page.getByRole('heading', { name: 'Export to a file' })).toBeVisible();
    await press('k');
    await expect(page.getByRole('heading', { name: 'Lights that dim' })).toBeVisible();
  });

  await test.step('approve what waits', async () => {
    await expect(page.getByText('1 post waits for approval')).toBeVisible();
    await press('a');
    await expect(page.getByText('1 post waits for approval')).toHaveCount(0);
    expect((await wish(2)).state).toBe('published');
  });

  await test.step('status and owner', async () => {
    await press('s');
    await page.keyboard.type('pl');
    await press('Enter');
    await expect(page.getByRole('button', { name: 'Status: Planned' })).toBeVisible();
    await press('o');
    await page.keyboard.type(api.session.operator.name.slice(0, 4));
    await press('Enter');
    await expect(page.getByRole('button', { name: `Owner: ${api.session.operator.name}` })).toBeVisible();
    await expect.poll(() => wish(2)).toMatchObject({ status: 'planned', owner_id: api.session.operator.id });
  });

  await test.step('edit', async () => {
    await press('e');
    await page.getByLabel('In one line').fill('Lights that dim slowly');
    await press('Control+Enter');
    await expect(page.getByRole('heading', { name: 'Lights that dim slowly' })).toBeVisible();
    await expect(rows.nth(0)).toContainText('Lights that dim slowly');
  });

  await test.step('choose two and move them', async () => {
    await press('x');
    await press('j');
    await press('x');
    await expect(page.getByRole('region', { name: 'With the chosen posts' })).toContainText('2 chosen');
    await press('s');
    await page.keyboard.type('de');
    await press('Enter');
    await expect(page.getByRole('status').filter({ hasText: '2 posts moved.' })).toBeVisible();
    expect([(await wish(1)).status, (await wish(2)).status]).toEqual(['declined', 'declined']);
  });

  await test.step('merge, and take it back', async () => {
    await press('m');
    await page.getByRole('dialog').getByRole('button', { name: 'Dark mode' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Merge' }).press('Enter');
    await expect(page.getByRole('heading', { name: 'Dark mode' })).toBeVisible();
    await expect(rows).toHaveCount(2);
    expect((await wish(1)).merged_into).toBe(ids[0]);
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect(rows).toHaveCount(3);
  });

  await test.step('search, and go back', async () => {
    await press('/');
    await expect(page.getByRole('searchbox', { name: 'Search posts' })).toBeFocused();
    await page.keyboard.type('slowly');
    await expect(rows).toHaveCount(1);
    await press('Escape');
    await press('Escape');
    await expect(rows).toHaveCount(3);
    await press('Escape');
    await expect(page).toHaveURL(new RegExp(`/boards/${board}\\?sort=new$`));
  });
});

test('a post shows who wants it and keeps internal talk apart', async ({ operator: page, api }) => {
  const { board, ids } = await ideas(api, 'Talk');
  const path = `posts/${ids[0]}`;
  await page.goto(`/boards/${board}/posts/${ids[0]}`);
  await expect(page.getByText('Why not Dark mode?')).toBeVisible();
  await expect(page.locator('strong', { hasText: 'Why' })).toBeVisible();

  await test.step('vote for somebody', async () => {
    await page.getByRole('button', { name: 'Vote for somebody' }).click();
    await page.getByLabel('Who wants it?').fill('Amina Diallo');
    await page
      .getByRole('list', { name: 'People found' })
      .getByRole('button', { name: /Amina Diallo/ })
      .click();
    await page.getByLabel('How much it matters to them').selectOption('essential');
    await page.getByRole('button', { name: 'Vote', exact: true }).click();
    const voters = page.getByRole('region', { name: 'Voters' });
    await expect(voters.getByRole('listitem')).toContainText(['Amina Diallo']);
    await expect(voters).toContainText(`Essential · by ${api.session.operator.name}`);
  });

  await test.step('a vote from elsewhere arrives by itself', async () => {
    const { data } = await api.call<{ data: { id: string }[] }>('POST', 'contacts/search', {
      q: 'Jonas Keller',
    });
    await api.call('PUT', `${path}/votes/${data[0]?.id}`);
    await expect(page.getByRole('region', { name: 'Voters' }).getByRole('listitem')).toHaveCount(2);
  });

  await test.step('a note between colleagues is no comment', async () => {
    await page.keyboard.press('n');
    await page.keyboard.type('Costs two weeks.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('region', { name: 'Between colleagues' })).toContainText('Costs two weeks.');
    await expect(page.getByRole('region', { name: 'Comments' })).not.toContainText('Costs two weeks.');
    expect((await api.call<{ comments: number }>('GET', path)).comments).toBe(0);
  });

  await test.step('answer officially', async () => {
    await page.getByRole('button', { name: 'Official answer', exact: true }).click();
    await page.keyboard.type('In spring.');
    await page.getByRole('button', { name: 'Answer', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Official answer' })).toContainText('In spring.');
  });

  await looksWell(page);
  await page.goto('/boards');
  await expect(page.getByRole('main').getByRole('link', { name: 'Talk' })).toBeVisible();
  await looksWell(page);
});

test('posts go from column to column by mouse, finger and key', async ({ signedIn, open, api, server }) => {
  const { board, ids } = await ideas(api, 'Roadmap');
  const status = async () => (await api.call<Wish>('GET', `posts/${ids[0]}`)).status;
  const page = await (await signedIn()).newPage();
  const column = (p: Page, name: string) => p.getByRole('region', { name, exact: true });
  const card = (p: Page, name: string) => column(p, name).getByRole('link', { name: /Dark mode/ });
  await page.goto(`/boards/${board}/roadmap`);
  await expect(card(page, 'Open')).toBeVisible();
  await expect(page.getByRole('link', { name: /Lights that dim/ })).toHaveCount(0); // it waits for approval

  await test.step('by mouse, and let go of by Escape', async () => {
    await card(page, 'Open').dragTo(column(page, 'Planned'), { targetPosition: { x: 100, y: 200 } });
    await expect(card(page, 'Planned')).toBeVisible();
    await expect.poll(status).toBe('planned');
    const box = await card(page, 'Planned').boundingBox();
    if (!box) throw new Error('the card is not on screen');
    await page.mouse.move(box.x + 40, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 60, { steps: 5 });
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await expect(card(page, 'Planned')).toBeVisible();
    await expect(page).toHaveURL(/\/roadmap$/); // the click that ends a drag opens nothing
  });

  await test.step('by key', async () => {
    await card(page, 'Planned').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await expect(card(page, 'In progress')).toBeFocused();
    await expect(page.getByText('Dark mode is now at In progress.')).toBeAttached();
    await page.keyboard.press('s');
    await page.keyboard.type('done');
    await page.keyboard.press('Enter');
    await expect(card(page, 'Done')).toBeVisible();
    await expect.poll(status).toBe('done');
  });
  await looksWell(page);

  await test.step('by finger', async () => {
    const phone = await open({ viewport: SIZES.narrow, hasTouch: true, isMobile: true });
    const [name = '', value = ''] = api.cookie.split('=');
    await phone.addCookies([{ name, value, url: server.url }]);
    const touch = await phone.newPage();
    await touch.goto(`/boards/${board}/roadmap`);
    const grip = touch.getByRole('button', { name: 'Move Export to a file' });
    const from = await grip.boundingBox();
    const to = await column(touch, 'Planned').boundingBox();
    if (!from || !to) throw new Error('the board is not on screen');
    const cdp = await phone.newCDPSession(touch);
    const at = (x: number, y: number) => ({ touchPoints: [{ x, y }] });
    const send = (type: 'touchStart' | 'touchMove', x: number, y: number) =>
      cdp.send('Input.dispatchTouchEvent', { type, ...at(x, y) });
    await send('touchStart', from.x + 8, from.y + 8);
    for (const part of [0.3, 0.6, 1]) {
      await send('touchMove', from.x + (to.x + 20 - from.x) * part, from.y + 60 * part);
    }
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect(column(touch, 'Planned').getByRole('link', { name: /Export to a file/ })).toBeAttached();
    await expect(touch.getByRole('menu')).toHaveCount(0);
  });
});

test('a changelog is written, seen, scheduled, published and taken back', async ({ operator: page, api }) => {
  const { board, ids } = await ideas(api, 'News');
  await page.goto(`/boards/${board}/changelog`);
  await page.getByRole('button', { name: 'New entry' }).click();

  await test.step('write, with a post that it closes, and see it', async () => {
    await page.getByLabel('What is new').fill('It is dark now');
    await page.getByLabel('More about it').fill('At **night**.');
    await page.getByLabel('Categories').fill('New, better');
    await page.getByRole('button', { name: 'Add a post' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Dark mode' }).click();
    await expect(page.getByRole('region', { name: 'Preview' }).locator('strong')).toHaveText('night');
    await looksWell(page);
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'It is dark now' })).toContainText('Draft');
  });

  await test.step('schedule', async () => {
    await page.getByRole('link', { name: 'It is dark now' }).click();
    await page.getByRole('button', { name: 'Schedule' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Schedule' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'It is dark now' })).toContainText(
      'tomorrow 09:00',
    );
    await looksWell(page);
  });

  await test.step('publish', async () => {
    await page.getByRole('link', { name: 'It is dark now' }).click();
    await page.getByRole('button', { name: 'Publish now' }).click();
    const dialog = page.getByRole('alertdialog');
    await expect(dialog).toContainText('1 post will be done');
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await expect(page.getByRole('heading', { name: 'Changelog' })).toBeVisible();
    const { data } = await api.call<{ data: { state: string; post_ids: string[]; categories: string[] }[] }>(
      'GET',
      `changelog?board_id=${board}`,
    );
    expect(data).toMatchObject([{ state: 'published', post_ids: [ids[0]], categories: ['new', 'better'] }]);
  });

  await test.step('withdraw, and delete', async () => {
    await page.getByRole('link', { name: 'It is dark now' }).click();
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Withdraw' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'It is dark now' })).toContainText('Draft');
    await page.getByRole('link', { name: 'It is dark now' }).click();
    await page.getByRole('button', { name: 'Delete the entry' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('Nothing was told yet')).toBeVisible();
  });
});

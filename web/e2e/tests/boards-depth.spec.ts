import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, tooWide } from '../src/look.ts';

interface Thing {
  id: string;
}

test('posts are tagged, narrowed, changed together and put in order', async ({ operator: page, api }) => {
  const board = await api.call<Thing>('POST', 'boards', {
    name: 'Depths',
    slug: 'depths',
    visibility: 'public',
    categories: [{ name: 'Shop' }, { name: 'Workshop' }],
  });
  const ids: string[] = [];
  for (const title of ['A first rope', 'A second rope', 'A third rope']) {
    ids.push((await api.call<Thing>('POST', `boards/${board.id}/posts`, { title })).id);
  }

  await test.step('a post gets tags and a category, and remembers what was changed', async () => {
    await page.goto(`/boards/${board.id}/posts/${ids[0]}`);
    await page.getByLabel('Add a tag').fill('Safety, ropes');
    await page.getByLabel('Add a tag').press('Enter');
    await expect(page.getByRole('button', { name: 'Remove the tag safety' })).toBeVisible();
    await page.getByRole('button', { name: 'Category: none' }).click();
    await page.getByRole('menuitem', { name: 'Workshop' }).click();
    await expect(page.getByRole('button', { name: 'Category: Workshop' })).toBeVisible();
    await page.getByRole('button', { name: 'Remove the tag ropes' }).click();
    await expect(page.getByRole('button', { name: 'Remove the tag ropes' })).toHaveCount(0);
    await page.getByRole('button', { name: 'What was changed' }).click();
    const history = page.getByRole('region', { name: 'What was changed' });
    await expect(history).toContainText('Category: none');
    await expect(history).toContainText('safety');
    expect(await seriousFindings(page)).toEqual([]);
  });

  await test.step('filters stand in the address', async () => {
    await page.goto(`/boards/${board.id}`);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('menuitem', { name: 'safety' }).click();
    await expect(page).toHaveURL(/tag=safety/);
    await expect(page.getByRole('link', { name: /A second rope/ })).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('link', { name: /A first rope/ })).toBeVisible();
    await page.getByRole('button', { name: 'Take away the filter #safety' }).click();
    await expect(page.getByRole('link', { name: /A second rope/ })).toBeVisible();
  });

  await test.step('several get a tag in one request, and those that stayed say why', async () => {
    for (const name of ['A second rope', 'A third rope']) {
      await page.getByRole('checkbox', { name: `Choose ${name}` }).check();
    }
    await page.getByRole('button', { name: 'Tag', exact: true }).click();
    await page.getByLabel('A tag for all of them').fill('spring');
    await page.keyboard.press('Enter');
    await expect(page.getByText('2 posts tagged.')).toBeVisible();
    const results = [
      { id: ids[1], done: true, code: '', detail: '' },
      { id: ids[2], done: false, code: 'restricted', detail: 'Their author is restricted.' },
    ];
    await page.route('**/posts/bulk', (route) => route.fulfill({ json: { results } }), { times: 1 });
    for (const name of ['A second rope', 'A third rope']) {
      await page.getByRole('checkbox', { name: `Choose ${name}` }).check();
    }
    await page.getByRole('button', { name: 'Category' }).click();
    await page.getByRole('menuitem', { name: 'Shop', exact: true }).click();
    const bar = page.getByRole('region', { name: 'With the chosen posts' });
    await expect(bar.getByRole('alert')).toContainText('A third rope: Their author is restricted.');
    await expect(bar.getByRole('status')).toHaveText('1 chosen');
  });

  await test.step('cards of the roadmap are put in order by menu and by keys', async () => {
    await page.goto(`/boards/${board.id}/roadmap`);
    const column = page.getByRole('region', { name: 'Open', exact: true });
    const titles = () => column.locator('[data-card]').allTextContents();
    await expect
      .poll(async () => (await titles()).map((t) => /\w+ rope/.exec(t)?.[0]))
      .toEqual(['third rope', 'second rope', 'first rope']);
    await page.getByRole('button', { name: 'Move A first rope' }).click();
    await page.getByRole('menuitem', { name: 'To the top' }).click();
    await expect.poll(async () => (await titles())[0]).toContain('A first rope');
    await column.getByRole('link', { name: /A first rope/ }).focus();
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(async () => (await titles())[1]).toContain('A first rope');
    await expect(page.getByText('A first rope is now 2 of 3.')).toBeAttached();
  });
});

test('a board is taken over from a file, told by row, taken back, and taken out', async ({
  operator: page,
  api,
  guard,
}) => {
  guard.allow(/status of 422 .*\/imports/);
  const board = await api.call<Thing>('POST', 'boards', { name: 'Harbour', slug: 'taken-over' });
  await page.goto(`/boards/${board.id}/settings/import`);
  await page.getByRole('radio', { name: /Canny/ }).check();
  await expect(page.getByText(/votes\/list/)).toBeVisible();
  await page.getByRole('radio', { name: /Something else/ }).check();
  const file = page.getByLabel('The file to take over');
  const send = (name: string, text: string) =>
    file.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await send('book.xlsx', 'x');
  await expect(page.getByText(/This is a workbook/)).toBeVisible();
  await send('wrong.csv', 'a,b\n1,2\n');
  await expect(page.getByRole('alert')).toBeVisible();
  await send('ideas.csv', 'title,status,votes\nA bell,Planned,12\nA lamp,Open,4\n,Open,1\n');
  const one = page.getByRole('article', { name: 'A CSV' });
  await expect(one.getByRole('status')).toHaveText('Done');
  await expect(one).toContainText('2 posts, 16 votes');
  await one.getByText('1 row was left out or cut').click();
  await expect(one).toContainText('row 4: has no title');
  expect(await seriousFindings(page)).toEqual([]);

  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Posts as CSV' }).click();
  expect((await saved).suggestedFilename()).toBe('taken-over.csv');

  await one.getByRole('button', { name: 'Undo…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Take it back' }).click();
  await expect(one.getByRole('status')).toHaveText('Taken back');
  await expect(one).toContainText('2 posts removed.');

  await page.setViewportSize({ width: 390, height: 844 });
  expect(await tooWide(page)).toEqual([]);
  expect(await seriousFindings(page)).toEqual([]);
});

import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, settled, tooWide } from '../src/look.ts';
import { SIZES } from '../src/screens.ts';

interface Comment {
  id: string;
  body: string;
  internal: boolean;
  reactions: { reaction: string; count: number; mine: boolean }[];
  mentions: { name: string }[];
}

test('comments are answered, reacted to, changed and removed by keys, and name people', async ({
  operator: page,
  api,
}) => {
  const board = await api.call<{ id: string }>('POST', 'boards', { name: 'Murmurs' });
  const basis = { purpose: 'support', lawful_basis: 'contract' };
  const ines = await api.call<{ id: string }>('POST', 'contacts', {
    name: 'Ines Farrow',
    email: 'ines@talk.example',
    basis,
  });
  const post = await api.call<{ id: string }>('POST', `boards/${board.id}/posts`, {
    title: 'Quieter bells',
    contact_id: ines.id,
  });
  await api.call('POST', `posts/${post.id}/comments`, {
    body: 'Mine wakes the street.',
    contact_id: ines.id,
  });
  const comments = async () => (await api.call<{ data: Comment[] }>('GET', `posts/${post.id}/comments`)).data;
  await page.goto(`/boards/${board.id}/posts/${post.id}`);
  const said = page.getByRole('article', { name: 'Comment by Ines Farrow' });

  await test.step('react', async () => {
    await said.focus();
    await page.keyboard.press('+');
    await page.getByRole('menuitem', { name: 'Heart' }).press('Enter');
    await expect(said.getByRole('button', { name: 'Heart: 1' })).toHaveAttribute('aria-pressed', 'true');
    await expect
      .poll(async () => (await comments())[0]?.reactions)
      .toEqual([{ reaction: 'heart', count: 1, mine: true }]);
    await said.getByRole('button', { name: 'Who reacted' }).press('Enter');
    await expect(page.getByRole('dialog')).toContainText(api.session.operator.name);
    await page.keyboard.press('Escape');
    await said.getByRole('button', { name: 'Heart: 1' }).press('Enter');
    await expect(said.getByRole('button', { name: /Heart/ })).toHaveCount(0);
    await expect.poll(async () => (await comments())[0]?.reactions).toEqual([]);
  });

  await test.step('answer, and name who wrote', async () => {
    await said.focus();
    await page.keyboard.press('r');
    await page.keyboard.type('Thank you @in');
    await expect(page.getByRole('option', { name: /Ines Farrow/ })).toHaveAttribute('aria-selected', 'true');
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.keyboard.type('for saying so.');
    await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue(
      'Thank you @Ines Farrow for saying so.',
    );
    await page.keyboard.press('Control+Enter');
    const answer = page.getByRole('article', { name: `Comment by ${api.session.operator.name}` });
    await expect(answer).toContainText('@Ines Farrow for saying so.');
    expect((await comments())[1]).toMatchObject({
      body: `Thank you @[${ines.id}] for saying so.`,
      mentions: [{ name: 'Ines Farrow' }],
    });
  });

  const mine = page.getByRole('article', { name: `Comment by ${api.session.operator.name}` });
  await test.step('a note names a colleague', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.keyboard.type(`@${api.session.operator.name.slice(0, 3)}`);
    await expect(page.getByRole('listbox', { name: 'People to name' })).toBeVisible();
    await page.keyboard.press('Tab');
    await page.keyboard.type('have a look');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('region', { name: 'Between colleagues' })).toContainText(
      `@${api.session.operator.name} have a look`,
    );
    expect((await comments())[2]?.internal).toBe(true);
  });

  await test.step('it looks well', async () => {
    for (const size of [SIZES.narrow, SIZES.wide]) {
      await page.setViewportSize(size);
      await settled(page);
      expect(await tooWide(page)).toEqual([]);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await seriousFindings(page)).toEqual([]);
      }
    }
  });

  await test.step('edit and remove', async () => {
    await mine.first().focus();
    await page.keyboard.press('e');
    const field = page.getByRole('textbox', { name: 'Comment' }).first();
    await expect(field).toHaveValue('Thank you @Ines Farrow for saying so.');
    await field.press('End');
    await page.keyboard.type(' Soon.');
    await page.keyboard.press('Control+Enter');
    await expect(mine.first()).toContainText('for saying so. Soon.');
    await expect(mine.first()).toBeFocused();
    expect((await comments())[1]?.body).toBe(`Thank you @[${ines.id}] for saying so. Soon.`);
    await page.keyboard.press('Delete');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).press('Enter');
    await expect(mine).toHaveCount(1);
    expect(await comments()).toHaveLength(2);
  });
});

test("words are not lost to a status that changes meanwhile, and others' words are not written over", async ({
  operator: page,
  api,
  guard,
}) => {
  guard.allow(/status of 412 /);
  const board = await api.call<{ id: string }>('POST', 'boards', { name: 'At once' });
  const post = await api.call<{ id: string }>('POST', `boards/${board.id}/posts`, { title: 'A ramp' });
  await page.goto(`/boards/${board.id}/posts/${post.id}`);
  await expect(page.getByRole('heading', { name: 'A ramp' })).toBeVisible();
  await page.keyboard.press('e');
  await page.getByLabel('In one line').fill('A wide ramp');
  await api.call('PATCH', `posts/${post.id}`, { status: 'planned' });
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { name: 'A wide ramp' })).toBeVisible();
  expect(await api.call('GET', `posts/${post.id}`)).toMatchObject({
    title: 'A wide ramp',
    status: 'planned',
  });

  await page.keyboard.press('e');
  await page.getByLabel('In one line').fill('Mine');
  await api.call('PATCH', `posts/${post.id}`, { title: 'Theirs' });
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await api.call('GET', `posts/${post.id}`)).toMatchObject({ title: 'Theirs' });
});

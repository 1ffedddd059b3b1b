import type { Page } from '@playwright/test';
import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, settled, tooWide } from '../src/look.ts';

interface Board {
  id: string;
  name: string;
  color: string;
  statuses: { key: string; name: string; kind: string }[];
  archived_at: string | null;
}

const preview = (page: Page) => page.frameLocator('iframe[title="The board\'s page, as it will be"]');

test('a board is set up beside its own page, and what is wrong is said at its field', async ({
  operator: page,
  api,
  guard,
}) => {
  guard.allow(/status of (409|412|422) .*\/boards\/brd_/);
  guard.allow(/Blocked script execution in 'about:srcdoc'/); // what looks into the preview here is refused, as it should be
  await api.call('POST', 'boards', { name: 'Taken', slug: 'taken' });
  const board = await api.call<Board>('POST', 'boards', { name: 'Rough ideas', slug: 'rough' });
  await api.call('POST', `boards/${board.id}/posts`, { title: 'A bench at the pier' });
  await page.goto(`/boards/${board.id}`);
  await page.getByRole('navigation', { name: 'Board' }).getByRole('link', { name: 'Settings' }).click();

  await test.step('the page follows what is typed, though nothing is saved and nobody else may read it', async () => {
    await expect(preview(page).locator('.post h2')).toHaveText('A bench at the pier');
    await page.getByLabel('Name', { exact: true }).fill('Fine ideas');
    await expect(preview(page).locator('h1')).toHaveText('Fine ideas');
    await page.getByLabel('Colour', { exact: true }).fill('#b00020');
    await expect
      .poll(() =>
        preview(page)
          .locator('.tabs a')
          .first()
          .evaluate((a) => getComputedStyle(a).getPropertyValue('--accent')),
      )
      .toContain('#b00020');
    await page.getByLabel('Page in the preview').selectOption('roadmap');
    await expect(preview(page).locator('h1')).toHaveText('Roadmap');
    expect((await api.call<Board>('GET', `boards/${board.id}`)).name).toBe('Rough ideas');
    expect(await seriousFindings(page)).toEqual([]);
  });

  await test.step('what is wrong stands at its field, and the rest is not lost', async () => {
    await page.getByLabel('Colour', { exact: true }).fill('teal');
    await expect(page.getByText('Write it like #0f766e.')).toBeVisible();
    await page.getByLabel('Colour', { exact: true }).fill('#b00020');
    await page.getByLabel('Own domain').fill('not a host/');
    await expect(page.getByText(/Must be a host such as/)).toBeVisible();
    await page.getByLabel('Own domain').fill('');
    await page.getByLabel('CSS').fill('.post { border-radius: 0; position: fixed }\n@import "x";');
    await expect(page.getByText('2 parts are left out')).toBeVisible();
    await expect(page.getByText(/Line 2: @import "x": only @media/)).toBeVisible();
    await page.getByLabel('CSS').fill('a'.repeat(20_001));
    await expect(page.getByText('Too long by 1 characters.')).toBeVisible();
    await page.getByLabel('CSS').fill('.post { border-radius: 0 }');
    await page.getByLabel('Part of the address').fill('taken');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText(/Another board has this slug/)).toBeVisible();
    await expect(page.getByLabel('Part of the address')).toBeFocused();
    await page.getByLabel('Part of the address').fill('rough');
    await page.keyboard.press('Control+s');
    await expect(page.getByText('Not saved:')).toHaveCount(0);
    expect(await api.call<Board>('GET', `boards/${board.id}`)).toMatchObject({
      name: 'Fine ideas',
      color: '#b00020',
    });
  });

  await test.step('statuses change places by keys and by the pointer', async () => {
    const names = () =>
      page.getByLabel(/^Name of status/).evaluateAll((all) => all.map((i) => (i as HTMLInputElement).value));
    await page.getByRole('button', { name: /^Move Planned/ }).focus();
    await page.keyboard.press('ArrowUp');
    expect(await names()).toEqual(['Planned', 'Open', 'In progress', 'Done', 'Declined']);
    const grip = await page.getByRole('button', { name: /^Move Declined/ }).boundingBox();
    const to = await page.getByRole('button', { name: /^Move In progress/ }).boundingBox();
    if (!grip || !to) throw new Error('a status has no place');
    await page.mouse.move(grip.x + 5, grip.y + 5);
    await page.mouse.down();
    await page.mouse.move(to.x + 5, to.y + 10, { steps: 12 });
    await page.mouse.up();
    expect(await names()).toEqual(['Planned', 'Open', 'Declined', 'In progress', 'Done']);
    await page.getByRole('button', { name: 'Add a status' }).click();
    await expect(page.getByLabel('Name of status 6')).toBeFocused();
    await page.keyboard.type('Under review');
    await page.getByLabel('Kind of Under review').selectOption('open');
    await expect(page.getByRole('button', { name: /^Open cannot go: 1 post/ })).toBeDisabled();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Not saved:')).toHaveCount(0);
    const { statuses } = await api.call<Board>('GET', `boards/${board.id}`);
    expect(statuses.map((s) => s.key)).toEqual([
      'planned',
      'open',
      'declined',
      'in_progress',
      'done',
      'under_review',
    ]);
  });

  await test.step('a colleague saved meanwhile: both keep what they changed', async () => {
    await page.getByLabel('Introduction').fill('Say it here.');
    await api.call('PATCH', `boards/${board.id}`, { color: '#2563eb' });
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('A colleague saved something else meanwhile.')).toBeVisible();
    await expect(page.getByLabel('Introduction')).toHaveValue('Say it here.');
    await expect(page.getByLabel('Colour', { exact: true })).toHaveValue('#2563eb');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Not saved:')).toHaveCount(0);
  });

  await test.step('what is not saved is not lost by leaving', async () => {
    await page.getByLabel('Name', { exact: true }).fill('Never');
    await page.getByRole('navigation', { name: 'Board' }).getByRole('link', { name: 'Roadmap' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stay' }).click();
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Never');
    await page.getByRole('navigation', { name: 'Board' }).getByRole('link', { name: 'Roadmap' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click();
    await expect(page).toHaveURL(/\/roadmap$/);
    expect((await api.call<Board>('GET', `boards/${board.id}`)).name).toBe('Fine ideas');
  });
});

test('a board has a picture, a domain and an end', async ({ operator: page, api }) => {
  const board = await api.call<Board>('POST', 'boards', {
    name: 'Signs',
    slug: 'signs',
    visibility: 'public',
  });
  await page.goto(`/boards/${board.id}/settings`);
  const pixel =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await page
    .getByLabel("The picture's file")
    .setInputFiles({ name: 'mark.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') });
  await expect(page.getByAltText('The mark of Signs')).toBeVisible();
  await expect(preview(page).locator('.brand img')).toHaveAttribute('src', /^data:image\/png/);
  await page.getByLabel("The picture's file").setInputFiles({
    name: 'large.png',
    mimeType: 'image/png',
    buffer: Buffer.alloc(200_000),
  });
  await expect(page.getByText(/It may have up to 100 KB/)).toBeVisible();
  await page.getByRole('button', { name: 'Take the picture away' }).click();
  await expect(page.getByAltText('The mark of Signs')).toHaveCount(0);

  await page.getByLabel('Own domain').fill('ideas.weser.invalid');
  await expect(page.getByText(/ideas\.weser\.invalid CNAME/)).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(/The DNS does not know the name yet|Nothing answers there/)).toBeVisible();

  await page.getByRole('button', { name: 'Archive…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByText('This board is archived: it can be read')).toBeVisible();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await expect(page.getByRole('button', { name: 'Archive…' })).toBeVisible();
});

test('the settings of a board fit a phone', async ({ operator: page, api, guard }) => {
  guard.allow(/Blocked script execution in 'about:srcdoc'/);
  await page.setViewportSize({ width: 390, height: 844 });
  const board = await api.call<Board>('POST', 'boards', { name: 'Small', slug: 'small' });
  await page.goto(`/boards/${board.id}/settings`);
  await page.getByLabel('Name', { exact: true }).fill('Small things');
  expect(await tooWide(page)).toEqual([]);
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Preview' }).click();
  await settled(page);
  await expect(preview(page).locator('h1')).toHaveText('Small things');
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Back to the settings' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Not saved:')).toHaveCount(0);
});

test('what a vote weighs is chosen, and a weight that is none is told', async ({
  operator: page,
  api,
  guard,
}) => {
  guard.allow(/status of 422 .*\/boards\/brd_/);
  const board = await api.call<Board>('POST', 'boards', { name: 'Scales', slug: 'scales' });
  const segment = await api.call<{ id: string }>('POST', 'segments', {
    name: 'Who can be written to',
    filter: { all: [{ field: 'profile.email', op: 'is_set' }] },
  });
  await page.goto(`/boards/${board.id}/settings`);
  await page.getByRole('radio', { name: /By segments/ }).check();
  await page.getByRole('button', { name: 'Add a segment' }).click();
  await page.getByLabel('Segment 1', { exact: true }).selectOption(segment.id);
  await page.getByLabel('Weight of segment 1').fill('much');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByLabel('Weight of segment 1')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Weight of segment 1').fill('2.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Not saved:')).toHaveCount(0);
  expect(await api.call('GET', `boards/${board.id}`)).toMatchObject({
    weight: { by: 'segments', segments: [{ segment_id: segment.id, weight: 2.5 }], default: 1 },
  });
  expect(await seriousFindings(page)).toEqual([]);
});

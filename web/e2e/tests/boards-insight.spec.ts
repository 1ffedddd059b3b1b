import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, settled, tooWide } from '../src/look.ts';

interface Made {
  id: string;
}

test('who wants what on a board, by segment and over time', async ({ operator: page, api }) => {
  const basis = { purpose: 'support', lawful_basis: 'contract' };
  for (const [key, kind] of [
    ['worth', 'number'],
    ['tier', 'string'],
  ]) {
    await api.call('POST', 'attributes', { key, label: key, kind, personal: false, purpose: 'support' });
  }
  const segment = await api.call<Made>('POST', 'segments', {
    name: 'On the pro plan',
    filter: { field: 'attributes.tier', op: 'is', value: 'pro' },
  });
  const board = await api.call<Made>('POST', 'boards', {
    name: 'Harbour ideas',
    weight: { by: 'attribute', attribute: 'worth' },
  });
  const people: Made[] = [];
  for (const [name, revenue, plan] of [
    ['Ada Nord', 12000, 'pro'],
    ['Bo Lind', 300, 'pro'],
    ['Cy Berg', 40, 'free'],
    ['Di Holm', 25, 'free'],
  ] as const) {
    people.push(
      await api.call<Made>('POST', 'contacts', { name, attributes: { worth: revenue, tier: plan }, basis }),
    );
  }
  for (const [title, category, voters] of [
    ['A bench at the pier', 'Outside', [1, 2, 3]],
    ['Bills by post', 'Bills', [0]],
    ['Longer opening hours', 'Outside', [0, 1]],
  ] as const) {
    const post = await api.call<Made>('POST', `boards/${board.id}/posts`, { title, category });
    for (const i of voters) {
      await api.call('PUT', `posts/${post.id}/votes/${people[i]?.id}`, {
        importance: i === 0 ? 'essential' : 'nice',
      });
    }
  }

  await test.step('posts are listed by what their votes weigh', async () => {
    await page.goto(`/boards/${board.id}`);
    await page.getByRole('button', { name: /^Order/ }).click();
    await page.getByRole('menuitem', { name: 'Most weight' }).click();
    await expect(page).toHaveURL(/sort=weight/);
    await expect(page.getByRole('region', { name: 'Posts' }).getByRole('listitem').first()).toContainText(
      'Longer opening hours',
    );
    await expect(page.getByText('weight 12,300')).toBeVisible();
  });

  await test.step('a segment is told apart, and the address keeps it', async () => {
    await page.getByRole('navigation', { name: 'Board' }).getByRole('link', { name: 'Insight' }).click();
    await page.getByLabel('Add a segment').selectOption({ label: 'On the pro plan' });
    await expect(page).toHaveURL(new RegExp(`segments=${segment.id}`));
    const most = page.getByRole('region', { name: 'Most wanted by segment' });
    await expect(most.getByRole('listitem')).toHaveCount(3);
    await expect(most.getByRole('listitem').first()).toContainText('Longer opening hours');
    await expect(most.getByText('4 votes · 3 posts · weight 24,600')).toBeVisible();
    await page.reload();
    await expect(most.getByRole('listitem').first()).toContainText('12,300');
  });

  await test.step('the chart is read by keys, and stands in a table, too', async () => {
    const chart = page.getByRole('group', { name: /^Over time/ });
    await chart.focus();
    await page.keyboard.press('End');
    await expect(page.getByText(/: 6 votes, 3 posts, 0 comments$/)).toBeVisible();
    await page.getByText('As a table').click();
    await expect(page.getByRole('row').filter({ hasText: /6\s*3\s*0/ })).toBeVisible();
    await page.getByText('12 months').click();
    await expect(page).toHaveURL(/span=year/);
    await expect(chart).toHaveAccessibleName(/by week/);
  });

  await settled(page);
  expect(await seriousFindings(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await settled(page);
  expect(await tooWide(page)).toEqual([]);
  expect(await seriousFindings(page)).toEqual([]);
});

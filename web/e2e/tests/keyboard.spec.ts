import { keyCaps, shortcuts } from '../../dashboard/src/app/shortcuts.ts';
import { writeAsVisitor } from '../src/api.ts';
import { Dashboard } from '../src/dashboard.ts';
import { expect, test } from '../src/fixtures.ts';

test('an operator works without a mouse', async ({ server, account, api, open }) => {
  const key = api.session.workspace.key;
  const older = await writeAsVisitor(server, key, 'The older of two questions.');
  const newer = await writeAsVisitor(server, key, 'The newer of two questions.');
  const page = await (await open()).newPage();
  const dashboard = new Dashboard(page);
  const press = (keys: string) => page.keyboard.press(keys);

  await test.step('sign in', async () => {
    await page.goto('/');
    await expect(page.getByLabel('E-mail')).toBeFocused();
    await page.keyboard.type(account.email);
    await press('Tab');
    await page.keyboard.type(account.password);
    await press('Enter');
    await expect(page).toHaveURL(/\/inbox$/);
  });

  await test.step('walk the list and open', async () => {
    await expect(dashboard.rows.nth(1)).toContainText('The older of two questions.');
    await press('j');
    await expect(dashboard.rows.nth(0)).toBeFocused();
    await press('j');
    await expect(dashboard.rows.nth(1)).toBeFocused();
    await press('k');
    await expect(dashboard.rows.nth(0)).toBeFocused();
    await press('Enter');
    await expect(page).toHaveURL(new RegExp(`/inbox/${newer.conversation}$`));
    await expect(dashboard.messages).toHaveText(['The newer of two questions.']); // keys are for what is on the screen
    await press('j');
    await expect(page).toHaveURL(new RegExp(`/inbox/${older.conversation}$`));
    await press('k');
    await expect(page).toHaveURL(new RegExp(`/inbox/${newer.conversation}$`));
    await expect(dashboard.messages).toHaveText(['The newer of two questions.']);
  });

  await test.step('reply', async () => {
    await press('r');
    await expect(dashboard.field).toBeFocused();
    await page.keyboard.type('Answered by keys alone.');
    await press('Enter');
    await expect(dashboard.messages).toHaveText(['The newer of two questions.', 'Answered by keys alone.']);
    await expect.poll(() => api.said(newer.conversation)).toHaveLength(2);
    await press('Escape');
    await expect(dashboard.field).not.toBeFocused();
  });

  await test.step('resolve', async () => {
    await press('e');
    await expect(page.getByRole('status').filter({ hasText: 'Resolved.' })).toBeVisible();
    const state = async () =>
      (await api.call<{ state: string }>('GET', `conversations/${newer.conversation}`)).state;
    await expect.poll(state).toBe('resolved');
    await expect(dashboard.row('Answered by keys alone.')).toHaveCount(0);
  });
});

test('the sheet lists what the keyboard listens by', async ({ operator, dashboard }) => {
  await operator.goto('/inbox');
  await expect(dashboard.rows.first()).toBeVisible();
  await operator.keyboard.press('?');
  const sheet = operator.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toBeVisible();
  const shown = await sheet
    .locator('dl > div')
    .evaluateAll((lines) =>
      lines.map((line) => [
        line.querySelector('dt')?.textContent ?? '',
        ...[...line.querySelectorAll('kbd')].map((cap) => cap.textContent ?? ''),
      ]),
    );
  const told = shortcuts
    .filter(({ keys }) => keys)
    // Enter sends, unless the operator has switched that off.
    .map(({ id, label, keys }) => [label, ...keyCaps(id === 'send' ? 'Enter' : keys, false)]);
  expect(shown.toSorted()).toEqual(told.toSorted());
  await operator.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});

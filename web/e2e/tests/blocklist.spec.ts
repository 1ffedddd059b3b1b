import { expect, test } from '../src/fixtures.ts';

test('a person is blocked from their page, listed and let in again', async ({ operator }) => {
  await operator.goto('/contacts');
  const link = operator.getByRole('row').nth(1).getByRole('link').first();
  const name = (await link.textContent()) ?? '';
  await link.click();

  await test.step('the dialog says what a block does', async () => {
    await operator.getByRole('button', { name: 'Merge, block, bin or erase' }).click();
    await operator.getByRole('menuitem', { name: 'Block…' }).click();
    const dialog = operator.getByRole('dialog');
    await expect(dialog).toContainText('so do their rights over their data');
    await dialog.getByLabel('Reason').selectOption('abuse');
    await dialog.getByLabel('How long').selectOption('7');
    await dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await expect(operator.getByText(/Blocked just now by .* for abuse, until/)).toBeVisible();
  });

  await test.step('they are listed under Blocked', async () => {
    await operator.goto('/contacts');
    await operator.getByLabel('Whom to list').selectOption('blocked');
    await expect(operator.getByRole('row').filter({ hasText: name })).toContainText('Blocked');
    await operator.getByRole('link', { name }).click();
  });

  await test.step('and let in again', async () => {
    await operator.getByRole('button', { name: 'Let in again' }).click();
    await expect(operator.getByText('They are let in again.')).toBeVisible();
    await expect(operator.getByText(/Blocked just now/)).toBeHidden();
  });
});

test('who is blocked in a conversation hears so, and the next message is not taken', async ({
  operator,
  visitor,
  widget,
  guard,
}) => {
  guard.allow(/status of 403 .*\/messages$/);
  await visitor.goto('/demo');
  await widget.open();
  await widget.write('Buy my watches');
  await operator.goto('/inbox');
  await operator.getByRole('link', { name: /Buy my watches/ }).click();
  const person = operator.getByRole('complementary', { name: 'Person' });
  if (!(await person.isVisible())) await operator.getByRole('button', { name: 'Show the person' }).click();
  await person.getByRole('button', { name: 'Block…' }).click();
  await operator.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
  await expect(person.getByText('Blocked', { exact: true })).toBeVisible();
  const refused = visitor.waitForResponse((r) => r.url().includes('/messages') && r.status() === 403);
  await widget.field.fill('And my pens');
  await widget.field.press('Enter');
  expect(await (await refused).json()).toMatchObject({ code: 'blocked' });
});

test('addresses and domains are put on the blocklist, looked up and taken off', async ({ operator }) => {
  await operator.goto('/settings/blocklist');
  await expect(operator.getByRole('heading', { name: 'Blocklist', level: 1 })).toBeVisible();
  const add = async (what: string, field: string, value: string) => {
    await operator.getByRole('button', { name: 'Add', exact: true }).click();
    const dialog = operator.getByRole('dialog');
    await dialog.getByLabel('What').selectOption(what);
    await dialog.getByLabel(field, { exact: true }).fill(value);
    await dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await expect(dialog).toBeHidden();
  };
  await add('domain', 'Domain', 'spam.example');
  await add('email', 'Address', 'eve@harm.example');
  await add('network', 'Network address', '203.0.113.7');
  const table = operator.getByRole('region', { name: 'Blocklist' });
  await expect(table).toContainText('spam.example');
  await expect(table).not.toContainText('harm.example');
  await expect(table).not.toContainText('203.0.113');

  await operator.getByLabel('Is an address blocked?').fill('x@mail.spam.example');
  await operator.getByRole('button', { name: 'Look' }).click();
  await expect(table.getByRole('row')).toHaveCount(2);
  await operator.getByRole('button', { name: 'Let in again: spam.example' }).click();
  await expect(table).not.toContainText('spam.example');
});

test('several are blocked at once', async ({ operator }) => {
  await operator.goto('/contacts');
  for (const n of [1, 2]) await operator.getByRole('row').nth(n).getByRole('checkbox').check();
  await operator.getByRole('button', { name: 'More with those who are chosen' }).click();
  await operator.getByRole('menuitem', { name: 'Block…' }).click();
  await operator.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
  await expect(operator.getByRole('region', { name: 'Progress' })).toContainText('Done: 2 people');
});

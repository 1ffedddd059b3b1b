import { expect, test } from '../src/fixtures.ts';
import { seriousFindings } from '../src/look.ts';

const basis = { purpose: 'support', lawful_basis: 'contract' };

test('people are chosen in the list, tagged at once, filtered by the tag and erased by typing how many', async ({
  api,
  operator,
}) => {
  for (const name of ['Ada One', 'Bea Two', 'Cleo Three'])
    await api.call('POST', 'contacts', { name, basis });
  await operator.goto('/contacts');
  await operator.getByRole('checkbox', { name: 'Choose Cleo Three' }).click();
  await operator.getByRole('checkbox', { name: 'Choose Ada One' }).click({ modifiers: ['Shift'] });
  const bar = operator.getByRole('region', { name: 'With those who are chosen' });
  await expect(bar).toContainText('3 people chosen');
  expect(await seriousFindings(operator)).toEqual([]);
  await bar.getByRole('button', { name: 'Tag', exact: true }).click();
  await operator.getByRole('textbox', { name: 'Tag' }).fill('Spring Fair');
  await operator.keyboard.press('Enter');
  await expect(operator.getByRole('region', { name: 'Progress' })).toContainText('Done: 3 people');

  await operator.getByRole('combobox', { name: 'Whom to list' }).selectOption('tag:spring fair');
  await operator.getByRole('checkbox', { name: 'Choose Bea Two' }).click();
  await bar.getByRole('button', { name: 'Erase' }).click();
  const sure = operator.getByRole('alertdialog');
  await expect(sure.getByRole('button', { name: 'Erase for good' })).toBeDisabled();
  await sure.getByRole('textbox').fill('1');
  await sure.getByRole('button', { name: 'Erase for good' }).click();
  await expect(operator.getByRole('region', { name: 'Progress' })).toContainText('Done: 1 person');
  await expect(operator.getByText('Bea Two')).toHaveCount(0);
});

test('the list shows the columns one asks for, narrows by conditions, and keeps them as a segment', async ({
  api,
  operator,
}) => {
  for (const name of ['Dora Four', 'Enid Five']) await api.call('POST', 'contacts', { name, basis });
  await operator.goto('/contacts');
  await operator.getByRole('button', { name: 'Columns' }).click();
  await operator.getByRole('menuitem', { name: 'Language' }).click();
  await operator.reload();
  await expect(operator.getByRole('columnheader', { name: 'Language' })).toBeVisible();
  await operator.getByRole('combobox', { name: 'Who comes first' }).selectOption('last_seen');
  await expect(operator.getByRole('link', { name: 'Dora Four' })).toBeVisible();

  await operator.getByRole('checkbox', { name: 'Choose Dora Four' }).click();
  await operator.keyboard.press('Escape');
  await expect(operator.getByRole('region', { name: 'With those who are chosen' })).toHaveCount(0);

  await operator.getByRole('button', { name: 'Filter' }).click();
  const filter = operator.getByRole('region', { name: 'Filter' });
  await filter.locator('select').nth(1).selectOption('profile.name');
  await filter.locator('select').nth(2).selectOption('starts_with');
  await filter.getByRole('textbox').fill('Enid');
  expect(await seriousFindings(operator)).toEqual([]);
  await filter.getByRole('button', { name: 'Show' }).click();
  await expect(operator.getByRole('link', { name: 'Dora Four' })).toHaveCount(0);
  await filter.getByRole('button', { name: 'Save as a segment' }).click();
  await operator.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Called Enid');
  await operator.keyboard.press('Enter');
  const main = operator.getByRole('navigation', { name: 'Main' });
  await main.getByRole('link', { name: 'Called Enid' }).click();
  await expect(operator.getByRole('link', { name: 'Enid Five' })).toBeVisible();
  await expect(operator.getByRole('link', { name: 'Dora Four' })).toHaveCount(0);
});

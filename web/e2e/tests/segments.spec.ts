import { expect, test } from '../src/fixtures.ts';

test('an operator says who they mean, by keys alone, and sees who that is', async ({
  operator: page,
  guard,
}) => {
  guard.allow(/status of 412 .*\/segments\/seg_/); // two people save the same segment
  await page.goto('/contacts/segments/new');
  const about = page.getByLabel('What the condition is about');
  const preview = page.getByRole('region', { name: 'Who is in it' });

  await test.step('write two conditions, one in a group', async () => {
    await page.getByLabel('Name').fill('Reachable');
    await about.first().focus();
    await page.keyboard.type('E-mail');
    await expect(about.first()).toHaveValue('profile.email');
    await page.getByLabel('How it is compared').selectOption('is_set');
    await expect(preview.getByRole('status')).toHaveText(/^\d+ (people|person)$/);
    await expect(preview.getByRole('listitem').first()).toBeVisible();
    await page.getByRole('button', { name: 'Group' }).press('Enter');
    await expect(about.nth(1)).toBeFocused();
    await expect(preview.getByRole('status')).toHaveText(/Finish each condition/);
    await about.nth(1).selectOption('conversations.count');
    await page.getByLabel('How it is compared').nth(1).selectOption('never');
    await expect(preview.getByRole('status')).toHaveText(/^\d+ (people|person)$/);
  });

  await test.step('save, and find it in the list with its count', async () => {
    await page.getByLabel('Name').press('Enter');
    await expect(page).toHaveURL(/\/contacts\/segments$/);
    const row = page.getByRole('main').getByRole('listitem').filter({ hasText: 'Reachable' });
    await expect(row).toContainText('E-mail address is known and Conversations none');
    await expect(row).toContainText(/\d+ (people|person)/);
  });

  await test.step('somebody else saved it meanwhile', async () => {
    await page.getByRole('main').getByRole('link', { name: 'Reachable' }).click();
    await expect(page.getByLabel('Name')).toHaveValue('Reachable');
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByLabel('Name').fill('Reachable by mail');
    await other.getByRole('button', { name: 'Save' }).click();
    await expect(other.getByRole('heading', { name: 'Reachable by mail' })).toBeVisible();
    await page.getByLabel('Name').fill('Mine');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('alert')).toContainText('Someone changed this meanwhile');
    await other.close();
  });

  await test.step('duplicate and remove', async () => {
    await page.goto('/contacts/segments');
    await page.getByRole('button', { name: 'More for Reachable by mail' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await expect(page.getByLabel('Name')).toHaveValue('Copy of Reachable by mail');
    await page.goto('/contacts/segments');
    await page.getByRole('button', { name: 'More for Reachable by mail' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    const names = page.getByRole('main').getByRole('listitem');
    await expect(names.filter({ hasText: 'Reachable by mail' })).toHaveCount(0);
    await expect(names.filter({ hasText: 'Fleet customers' })).toHaveCount(1);
  });
});

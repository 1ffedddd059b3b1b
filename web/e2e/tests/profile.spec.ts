import { expect, test } from '../src/fixtures.ts';

test('what a page says of its visitor is a claim until an operator takes it over', async ({
  api,
  operator,
  visitor,
  widget,
}) => {
  await test.step('an attribute is declared in the settings', async () => {
    await operator.goto('/settings/attributes');
    await operator.getByRole('button', { name: 'Add an attribute' }).first().click();
    const dialog = operator.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Favourite plan');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect(operator.getByText('favourite_plan')).toBeVisible();
  });

  await test.step('the page tells a value of its visitor', async () => {
    await api.call('PATCH', 'workspace', { settings: { default_purpose: 'support' } });
    await visitor.goto('/demo');
    await widget.open();
    await widget.write('Which plan am I on?');
    await expect(widget.waiting).toHaveCount(0);
    await visitor.evaluate(() =>
      (window as unknown as { botimum: (...args: unknown[]) => Promise<unknown> }).botimum('update', {
        favourite_plan: 'gold',
      }),
    );
  });

  await test.step('the operator sees it apart, and takes it over', async () => {
    await operator.goto('/contacts');
    await operator.getByRole('row').nth(1).getByRole('link').first().click();
    const claims = operator.locator('section').filter({ hasText: 'Said by the visitor, not verified' });
    await expect(claims).toContainText('gold');
    await claims.getByRole('button', { name: 'Take over Favourite plan' }).click();
    await expect(claims).toHaveCount(0);
    await expect(operator.getByRole('button', { name: 'Favourite plan: gold. Edit' })).toBeVisible();
  });

  await test.step('and adds a second address', async () => {
    for (const address of ['work@example.org', 'home@example.org']) {
      await operator.getByRole('button', { name: 'Add an address' }).click();
      await operator.getByRole('textbox', { name: 'Add an address' }).fill(address);
      await operator.keyboard.press('Enter');
      await expect(operator.getByRole('listitem').filter({ hasText: address })).toBeVisible();
    }
    await operator.getByRole('button', { name: 'More for home@example.org' }).click();
    await operator.getByRole('menuitem', { name: 'Make it the primary one' }).click();
    await expect(operator.getByRole('listitem').filter({ hasText: 'home@example.org' })).toContainText(
      'Primary',
    );
  });
});

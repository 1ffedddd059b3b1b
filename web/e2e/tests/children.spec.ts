import { expect, test } from '../src/fixtures.ts';

test('a child writes once a parent has agreed, and is gone once they withdraw', async ({
  guard,
  open,
  operator,
}) => {
  // A box that was not ticked, and a session that ends with its person, are answered so.
  guard.allow(/status of 422 .*\/parent\//, /status of 401 .*\/widget\/v1\//);
  const gate = operator.getByRole('checkbox', { name: /Ask visitors when they were born/ });
  await operator.goto('/privacy-centre/children');
  await gate.check();
  await expect(operator.getByText('Visitors are asked from now on.')).toBeVisible();
  try {
    const visitor = await (await open()).newPage();
    const form = visitor.locator('form.composer');
    await visitor.goto('/demo');
    await visitor.locator('.launcher').click();

    await test.step('the age comes first, and an empty answer is told to be one', async () => {
      await form.getByRole('button').click();
      await expect(form.getByRole('alert')).toBeVisible();
      await form.getByLabel('Month').selectOption('05');
      await form.getByLabel('Year').selectOption(String(new Date().getFullYear() - 10));
      await form.getByRole('button').click();
      await expect(visitor.locator('textarea')).toHaveCount(0);
    });

    await test.step('a parent is asked by mail', async () => {
      await form.getByRole('textbox').fill('parent@willow.example');
      await form.getByRole('button').click();
      await expect(form.getByRole('status')).toBeVisible();
      await visitor.reload();
      await visitor.locator('.launcher').click();
      await expect(form.getByRole('status')).toBeVisible(); // still waiting, not asked again
    });

    const parent = await (await open()).newPage();
    await parent.goto('/demo/mail');
    await parent.locator('.mails a').first().click();
    const link = (await parent.locator('pre').textContent()) ?? '';
    const path = /\/privacy\/\S+\/parent\/[\w-]+/.exec(link)?.[0] ?? 'no link in the mail';

    await test.step('the parent agrees by an action, never by default', async () => {
      await parent.goto(path);
      await expect(parent.getByRole('checkbox')).not.toBeChecked();
      await parent.getByRole('button', { name: 'I agree' }).click();
      await expect(parent.getByRole('alert')).toBeVisible();
      await parent.getByRole('checkbox').check();
      await parent.getByRole('button', { name: 'I agree' }).click();
      await expect(parent.getByRole('heading', { name: /on record/ })).toBeVisible();
    });

    await test.step('then the child writes', async () => {
      await form.getByRole('button').click();
      await visitor.locator('textarea').fill('Do you have small bells?');
      await visitor.locator('textarea').press('Enter');
      await expect(visitor.locator('.message', { hasText: 'small bells' })).toContainText('Sent');
    });

    await test.step('until the parent withdraws', async () => {
      await parent.goto(path);
      await parent.getByRole('button', { name: /Withdraw/ }).click();
      await expect(parent.getByRole('heading', { name: 'Everything is erased' })).toBeVisible();
      await expect(visitor.locator('.bubble')).toHaveCount(0);
    });
  } finally {
    await gate.uncheck();
    await expect(operator.getByText('Nobody is asked any more.')).toBeVisible();
  }
});

import { expect, test } from '../src/fixtures.ts';

test('people are looked up only after an assessment, and a private address is never asked', async ({
  operator: page,
  guard,
}) => {
  guard.allow(/status of 422 .*\/privacy\/assessments\/asm_/, /status of 422 .*\/enrichment\/providers/);
  await test.step('the settings say plainly what is missing', async () => {
    await page.goto('/settings/enrichment');
    await expect(page.getByText('No impact assessment is approved and in date.')).toBeVisible();
    await expect(page.getByRole('checkbox', { name: 'Look people up' })).toBeDisabled();
    await page.getByRole('link', { name: 'Impact assessments' }).click();
  });

  await test.step('start from the template, finish it, approve it', async () => {
    await page.getByRole('button', { name: 'Start from the template' }).click();
    await expect(page.getByLabel('What is done', { exact: true })).toHaveValue(
      /Kept for this, by the catalogue/,
    );
    await page.getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByText(/asks for in brackets/).first()).toBeVisible();
    await page.getByLabel('Why it is needed').fill('Operators have to know whom they answer.');
    await page.getByLabel('What may go wrong for people').fill('A provider learns an address.');
    await page.getByLabel('What is done about that').fill('Off by default, and told on the notice.');
    await page.getByLabel('Risk that is left').selectOption('high');
    await page.getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByText(/Must be done where a high risk is left/)).toBeVisible();
    await page.getByLabel('Risk that is left').selectOption('low');
    await page.getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByText(/^Approved .* It holds until/)).toBeVisible();
  });

  await test.step('choose a purpose, and switch it on', async () => {
    await page.goto('/settings/enrichment');
    await page.getByLabel('Purpose').selectOption('support');
    await page.getByRole('checkbox', { name: 'Look people up' }).click();
    await expect(page.getByRole('checkbox', { name: 'Look people up' })).toBeChecked();
    await page.getByLabel('Keep what was found').selectOption('days');
    await page.getByLabel('Days').fill('30');
    const saved = page.waitForResponse(
      (r) => r.request().method() !== 'GET' && r.url().includes('/enrichment'),
    );
    await page.getByRole('button', { name: 'Save' }).click();
    expect((await saved).status()).toBe(200); // a page that is left takes what is on its way with it
    await page.reload();
    await expect(page.getByLabel('Days')).toHaveValue('30');
  });

  await test.step('an API on a private network is refused, and Gravatar is told a hash alone', async () => {
    await page.getByRole('button', { name: 'Add a provider' }).click();
    await page.getByLabel('Who is asked').selectOption('own');
    await page.getByLabel('Name', { exact: true }).fill('Ours');
    await page.getByLabel('Address').fill('https://10.0.0.1/people?email={email}');
    await page.getByLabel('Full name').fill('data.name');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('alert')).toHaveText(/Must lead to a public host/);
    await page.getByLabel('Who is asked').selectOption('gravatar');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'Gravatar' })).toContainText(
      'is told a hash of the address',
    );
    await page.getByRole('button', { name: 'More for Gravatar' }).click();
    await page.getByRole('menuitem', { name: 'Switch on' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'Gravatar' })).toContainText('On');
  });
});

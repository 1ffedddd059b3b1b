import { Dashboard } from '../src/dashboard.ts';
import { expect, test } from '../src/fixtures.ts';

// The dashboard speaks English. That must not keep those out whose browser speaks something else.
for (const locale of ['de-DE', 'ar-EG', 'ja-JP']) {
  test(`an operator whose browser speaks ${locale} works as others do`, async ({ account, open }) => {
    const page = await (await open({ locale })).newPage();
    const dashboard = new Dashboard(page);
    await page.goto('/');
    await page.getByLabel('E-mail').fill(account.email);
    await page.getByLabel('Password').fill(account.password);
    await page.keyboard.press('Enter');
    await expect(dashboard.rows.first()).toBeVisible();
    await dashboard.rows.first().click();
    await expect(page.getByRole('textbox', { name: /reply/i }).first()).toBeVisible();
    for (const place of ['Contacts', 'Privacy', 'Settings']) {
      await page.getByRole('link', { name: place, exact: true }).first().click();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    }
  });
}

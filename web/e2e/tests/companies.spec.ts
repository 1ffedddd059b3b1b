import type { Page } from '@playwright/test';
import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, settled, tooWide } from '../src/look.ts';
import { SIZES } from '../src/screens.ts';

/** Nothing that axe finds serious, and nothing wider than the screen, on a desk and on a phone, light and dark. */
async function isSound(page: Page): Promise<void> {
  for (const viewport of [SIZES.narrow, SIZES.wide]) {
    await page.setViewportSize(viewport);
    await settled(page);
    expect.soft(await tooWide(page)).toEqual([]);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect.soft(await seriousFindings(page), colorScheme).toEqual([]);
    }
  }
}

test('companies are added, found, edited, made one and removed', async ({ operator: page, guard, api }) => {
  guard.allow(/status of (409|422) .*\/api\/v1\/companies/);
  const main = page.getByRole('main');

  await test.step('a list without any says what to do', async () => {
    await page.goto('/contacts');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Companies' }).click();
    await expect(page.getByText('No companies yet')).toBeVisible();
    await isSound(page);
  });

  await test.step('what cannot be is said at its field, and nothing typed is lost', async () => {
    await page.getByRole('button', { name: 'Add a company' }).first().click();
    const dialog = page.getByRole('dialog');
    const long = 'N'.repeat(1000);
    await dialog.getByLabel('Name').fill(long);
    await dialog.getByLabel('Domains').fill('localhost');
    await dialog.getByLabel('Website').fill('javascript:alert(1)');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('at most 200 characters');
    await expect(dialog.getByLabel('Name')).toHaveValue(long);
    await dialog.getByLabel('Name').fill('Harbour Works');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('such as example.com.').last()).toBeVisible();
    await expect(dialog.getByText('must be an address', { exact: false })).toBeVisible();
    await expect(dialog.getByLabel('Domains')).toHaveValue('localhost');
    await expect(dialog.getByLabel('Website')).toHaveValue('javascript:alert(1)');
    await dialog.getByLabel('Domains').fill('Harbour.example, works.example');
    await dialog.getByLabel('Website').fill('https://harbour.example');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Harbour Works' })).toBeVisible();
    await expect(main.getByRole('list', { name: 'Domains' }).getByRole('listitem')).toHaveText([
      'harbour.example',
      'works.example',
    ]);
    await isSound(page);
  });

  await test.step('a domain is one company’s', async () => {
    await api.call('POST', 'companies', { name: 'Tide Mill', domains: ['tide.example'] });
    await main.getByLabel('Add a domain').fill('tide.example');
    await page.keyboard.press('Enter');
    await expect(main.getByRole('alert')).toContainText('Another company has one of these domains');
    await expect(main.getByLabel('Add a domain')).toHaveValue('tide.example');
    await main.getByLabel('Add a domain').fill('quay.example');
    await page.keyboard.press('Enter');
    await expect(main.getByRole('button', { name: 'Remove the domain quay.example' })).toBeVisible();
    await main.getByRole('button', { name: 'Remove the domain works.example' }).click();
    await expect(main.getByRole('list', { name: 'Domains' }).getByRole('listitem')).toHaveCount(2);
  });

  await test.step('edited in place, with its history', async () => {
    await main.getByRole('button', { name: /^Name: Harbour Works/ }).click();
    await page.keyboard.type(' Ltd');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Harbour Works Ltd' })).toBeVisible();
    await main.getByRole('button', { name: 'Add', exact: true }).click();
    await main.getByRole('textbox', { name: 'Name' }).fill('employees');
    await main.getByLabel('Kind').selectOption('number');
    await main.getByRole('textbox', { name: 'Value' }).fill('forty');
    await expect(main.getByRole('alert')).toHaveText('A number is needed.');
    await main.getByRole('textbox', { name: 'Value' }).fill('40');
    await page.keyboard.press('Enter');
    await expect(main.getByRole('button', { name: 'employees: 40. Edit' })).toBeVisible();
    await page.getByRole('tab', { name: 'History' }).click();
    await expect(main.getByRole('list', { name: 'History' })).toContainText('name before:Harbour Works');
  });

  await test.step('its people and what they talked about', async () => {
    const { data } = await api.call<{ data: { id: string; name: string }[] }>('GET', 'contacts?limit=50');
    const amina = data.find((c) => c.name === 'Amina Diallo');
    const { data: found } = await api.call<{ data: { id: string }[] }>('POST', 'companies/search', {
      q: 'harbour',
    });
    await api.call('PATCH', `contacts/${amina?.id}`, {
      company_id: found[0]?.id,
      basis: { purpose: 'support', lawful_basis: 'contract', evidence: 'end-to-end test' },
    });
    await page.getByRole('tab', { name: 'People' }).click();
    await expect(main.getByRole('list', { name: 'People' })).toContainText('Amina Diallo');
    await expect(main.getByText('1 person')).toBeVisible();
    await page.getByRole('tab', { name: 'Conversations' }).click();
    await expect(main.getByRole('list', { name: 'Conversations' })).toContainText('birthday present');
    await isSound(page);
  });

  await test.step('found by name and by domain, ordered, and walked by keys', async () => {
    await page.getByRole('link', { name: 'All companies' }).click();
    const names = main.locator('[data-row^="cmp_"]');
    await expect(names).toHaveText(['Tide Mill', 'Harbour Works Ltd']);
    await page.getByLabel('Which come first').selectOption('people');
    await expect(names).toHaveText(['Harbour Works Ltd', 'Tide Mill']);
    await expect(page).toHaveURL(/by=people/);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('har');
    await expect(names).toHaveText(['Harbour Works Ltd']);
    await page.getByLabel('Find a company').fill('TIDE.example');
    await expect(names).toHaveText(['Tide Mill']);
    await page.getByLabel('Find a company').fill('nothing at all');
    await expect(page.getByText('No company is found')).toBeVisible();
    await page.getByLabel('Find a company').fill('');
    await expect(names).toHaveCount(2);
    await page.getByRole('heading', { level: 1 }).click();
    for (const row of [names.first(), names.nth(1)]) {
      await page.keyboard.press('j');
      await expect(row).toBeFocused();
    }
    await isSound(page);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Tide Mill' })).toBeVisible();
  });

  await test.step('two become one, after a look at what will stand there', async () => {
    await page.getByRole('button', { name: 'Merge or remove' }).click();
    await page.getByRole('menuitem', { name: 'Merge with another company…' }).click();
    await page.getByLabel('Which is the other?').fill('harb');
    await page.getByRole('button', { name: 'Choose Harbour Works Ltd' }).click();
    const dialog = page.getByRole('alertdialog');
    await expect(dialog).toContainText('This cannot be undone');
    await dialog.getByRole('button', { name: 'Swap' }).click();
    await expect(dialog.getByRole('definition').first()).toHaveText('Harbour Works Ltd');
    await expect(dialog).toContainText('harbour.example, quay.example, tide.example');
    await isSound(page);
    await dialog.getByRole('button', { name: 'Merge for good' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Harbour Works Ltd' })).toBeVisible();
    await expect(main.getByRole('list', { name: 'Domains' }).getByRole('listitem')).toHaveCount(3);
  });

  await test.step('and is removed; its people stay', async () => {
    await page.getByRole('button', { name: 'Merge or remove' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    const dialog = page.getByRole('alertdialog');
    await expect(dialog).toContainText('Its 1 person stays');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('No companies yet')).toBeVisible();
    await page.goto('/contacts');
    await expect(page.getByRole('link', { name: 'Amina Diallo' })).toBeVisible();
  });
});

test('a company that is gone says so', async ({ operator: page, guard }) => {
  guard.allow(/status of 404 .*\/api\/v1\/companies\//);
  await page.goto('/contacts/companies/cmp_00000000000000000000000000');
  await expect(page.getByText('This company is no longer here')).toBeVisible();
});

test('somebody is put with a company on their page', async ({ operator: page, api }) => {
  const ada = await api.contact('Ada Byron', 'ada@engine.example');
  await page.goto(`/contacts/${ada.id}`);
  const card = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Company' }) });
  await expect(card).toContainText('With no company');

  await test.step('with a new one', async () => {
    await card.getByRole('button', { name: 'Choose a company' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Company', { exact: true }).fill('Analytical Engines');
    expect.soft(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add the company Analytical Engines' }).click();
    await expect(card.getByRole('link')).toContainText('Analytical Engines');
    await expect(card).toContainText('1 person');
    await expect(card).toContainText('Chosen by hand');
    await isSound(page);
  });

  await test.step('with another, and with none', async () => {
    await api.call('POST', 'companies', { name: 'Difference Works', domains: ['difference.example'] });
    await card.getByRole('button', { name: 'Change the company' }).click();
    await page.getByRole('dialog').getByLabel('Company', { exact: true }).fill('difference.example');
    await page.getByRole('button', { name: 'Choose Difference Works' }).click();
    await expect(card.getByRole('link')).toContainText('Difference Works');
    await card.getByRole('button', { name: 'Remove from the company' }).click();
    await expect(card).toContainText('With no company');
  });
});

test('companies follow from addresses where that is wished, and it is taken back', async ({
  operator: page,
  api,
}) => {
  const grace = await api.contact('Grace Murray', 'grace@compiler.example');
  const gail = await api.contact('Gail Public', 'gail@gmail.com');
  await page.goto('/settings/companies');
  const rule = page.getByRole('region', { name: 'Following' });
  const follows = page.getByRole('switch', { name: 'Companies follow from e-mail domains' });
  await expect(follows).not.toBeChecked();
  await isSound(page);

  await test.step('for everybody who is here', async () => {
    await follows.click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByLabel('Everybody who is here, too').check();
    await isSound(page);
    await dialog.getByRole('button', { name: 'Switch on' }).click();
    await expect(follows).toBeChecked();
    await expect(rule.getByRole('status')).toContainText(/\d+ people got another company/);
    await isSound(page);
    await page.goto(`/contacts/${grace.id}`);
    await expect(page.getByText('Follows from the domain of their e-mail address.')).toBeVisible();
    await expect(page.getByRole('link', { name: /compiler\.example/ })).toBeVisible();
    await page.goto(`/contacts/${gail.id}`); // a public provider's address is nobody's
    await expect(page.getByText('With no company')).toBeVisible();
  });

  await test.step('and taken back', async () => {
    await page.goto('/settings/companies');
    await follows.click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByLabel(/^Take them back/).check();
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await expect(follows).not.toBeChecked();
    await expect(rule.getByRole('status')).toContainText('are with no company now');
    await expect(rule).toContainText('Nobody got a company so yet');
    await page.goto(`/contacts/${grace.id}`);
    await expect(page.getByText('With no company')).toBeVisible();
  });
});

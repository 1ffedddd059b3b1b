import { readFile } from 'node:fs/promises';
import { expect, test } from '../src/fixtures.ts';
import { seriousFindings } from '../src/look.ts';

const file = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

test('an operator brings people from a file, sees first what would happen, and takes it back', async ({
  operator: page,
}) => {
  await test.step('drop a file: the columns are guessed', async () => {
    await page.goto('/contacts');
    await page.getByRole('button', { name: 'Import people' }).click();
    await expect(page.getByText('Drop a CSV file here')).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    await page
      .getByLabel('The file to import')
      .setInputFiles(
        file(
          'Kunden.csv',
          'E-Mail;Vorname;Nachname;Firma;Schlagworte;Farbe\r\n' +
            'iris@hafen.example;Iris;Hafen;Hafenbau GmbH;vip, nord;blau\r\n' +
            'jo@hafen.example;Jo;Hafen;Hafenbau GmbH;;rot\r\n' +
            'keine-adresse;Ohne;Adresse;;;\r\n',
        ),
      );
    await expect(page.getByRole('heading', { name: 'Kunden.csv' })).toBeVisible();
    await expect(page.getByLabel('What Firma is for')).toHaveValue('company');
    await expect(page.getByLabel('What Schlagworte is for')).toHaveValue('tags');
    await expect(page.getByRole('region', { name: 'The first rows of the table' })).toContainText(
      'is not an e-mail address',
    );
    expect(await seriousFindings(page)).toEqual([]);
  });

  await test.step('a column becomes an attribute of its own', async () => {
    await page.getByLabel('What Farbe is for').selectOption({ label: 'New attribute…' });
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Name')).toHaveValue('Farbe');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect(page.getByLabel('What Farbe is for')).toHaveValue('attributes.farbe');
    await page.getByRole('button', { name: 'Continue' }).click();
  });

  await test.step('it is said why before anything is kept', async () => {
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'Say how you know' })).toBeVisible();
    await page.getByLabel('Lawful basis').selectOption('contract');
    await expect(page.getByText('It covers no advertising')).toBeVisible();
    await page.getByLabel('How you know').fill('Customers of 2026, from the old CRM');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Continue' }).click();
  });

  await test.step('check, look at the errors, reload, start', async () => {
    const would = page.getByRole('region', { name: 'What would happen' });
    await expect(would).toContainText('of 3 rows');
    await expect(would).toContainText('1 company is new and would be made');
    await page.reload();
    await expect(page.getByRole('region', { name: 'Rows with something wrong' })).toContainText('Row 4');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Import 2 people' }).click();
    await expect(page.getByRole('region', { name: 'What came of it' })).toContainText('of 3 rows');
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download these rows' }).click();
    const saved = await readFile(await (await saving).path(), 'utf8');
    expect(saved).toContain('row,problem,E-Mail');
    expect(saved).toContain('keine-adresse');
  });

  await test.step('they are in the list, with company and tags', async () => {
    await page.getByRole('link', { name: 'See the people' }).click();
    await expect(page.getByRole('link', { name: 'Iris Hafen' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Jo Hafen' })).toBeVisible();
    await expect(page.getByText('nord', { exact: true })).toBeVisible();
  });

  await test.step('undo tells what goes, and takes it back', async () => {
    await page.goto('/contacts/imports');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Kunden.csv' }).click();
    await page.getByRole('button', { name: 'Undo…' }).click();
    const sure = page.getByRole('alertdialog');
    await expect(sure).toContainText('2 people came with it');
    expect(await seriousFindings(page)).toEqual([]);
    await sure.getByRole('button', { name: 'Undo the import' }).click();
    await expect(page.getByText('Taken back: 2 people erased, 1 company removed.')).toBeVisible();
    await page.goto('/contacts');
    await expect(page.getByRole('link', { name: 'Iris Hafen' })).toHaveCount(0);
  });
});

test('files that cannot be read are explained in words that say what to do', async ({
  operator: page,
  guard,
}) => {
  guard.allow(/status of 422 .*\/contacts\/import/);
  await page.goto('/contacts/imports/new');
  const field = page.getByLabel('The file to import');
  const wide = `${'x,'.repeat(9999)}x\n`;
  for (const [given, says] of [
    [file('nobody.csv', ''), 'look whether it has rows'],
    [file('book.xlsx', 'PK\u0003\u0004'), 'take “CSV UTF-8”'],
    [file('book.csv', 'PK\u0003\u0004 and more'), 'take “CSV UTF-8”'],
    [file('heading.csv', 'email,name\n'), 'only a heading'],
    [file('wide.csv', wide + wide), 'more than 500 columns'],
  ] as const) {
    await field.setInputFiles(given);
    await expect(page.getByRole('alert').filter({ hasText: says })).toBeVisible();
  }
  // another encoding, another separator: found out, and changed by hand
  await field.setInputFiles({
    name: 'alt.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('email|name\nmueller@x.example|M\u00fcller\n=cmd@x.example|=1+1\n', 'latin1'),
  });
  const rows = page.getByRole('region', { name: 'The first rows of the table' });
  await expect(rows).toContainText('Müller');
  await expect(rows).toContainText('=1+1');
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Cells are apart by').selectOption(',');
  await expect(rows).toContainText('mueller@x.example|Müller');
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click();
  await expect(page).toHaveURL(/\/contacts\/imports$/);
  await expect(page.getByRole('listitem').filter({ hasText: 'alt.csv' })).toContainText('Stopped');
});

test('an export holds whom one chose, and says who took it out and why', async ({ api, operator: page }) => {
  const basis = { purpose: 'support', lawful_basis: 'contract' };
  for (const name of ['Xenia Export', 'Yuri Stays']) {
    await api.call('POST', 'contacts', { name, email: `${name.split(' ')[0]}@export.example`, basis });
  }
  await page.goto('/contacts');
  await page.getByRole('checkbox', { name: 'Choose Xenia Export' }).click();
  await page
    .getByRole('region', { name: 'With those who are chosen' })
    .getByRole('button', { name: 'Export' })
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading')).toHaveText('Export 1 person');
  await expect(dialog.getByRole('button', { name: 'Export' })).toBeDisabled();
  await dialog.getByLabel('What it is for').fill('Summer fair, 2027');
  expect(await seriousFindings(page)).toEqual([]);
  const saving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toMatch(/summer_fair_2027\.csv$/);
  const text = await readFile(await saved.path(), 'utf8');
  expect(text).toContain('Reason: summer_fair_2027');
  expect(text).toContain('by Mara');
  expect(text).toContain('Xenia Export');
  expect(text).not.toContain('Yuri Stays');
});

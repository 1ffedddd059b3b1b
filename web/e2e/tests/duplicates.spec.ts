import { mkdirSync } from 'node:fs';
import { expect, test } from '../src/fixtures.ts';

const basis = { purpose: 'support', lawful_basis: 'contract' };

/** Pictures for whoever looks at the screens; without BOTIMUM_SHOTS none are made. */
const shots = process.env.BOTIMUM_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

test('two entries of one person are compared, merged, and parted again', async ({ api, operator }) => {
  const add = (contact: object) => api.call<{ id: string }>('POST', 'contacts', { ...contact, basis });
  const email = 'grace.hopper@example.org';
  const first = await add({ name: 'Grace Hopper', email, attributes: { plan: 'pro' } });
  const second = await add({
    name: 'G. Hopper',
    email,
    phone: '+49 30 5550123',
    attributes: { plan: 'free', city: 'Arlington' },
  });
  await api.call('POST', `contacts/${first.id}/consents`, {
    purpose: 'marketing',
    evidence: 'asked by phone',
  });
  await api.call('DELETE', `contacts/${second.id}/consents/marketing`);
  await api.call('POST', 'conversations', { contact_id: second.id, body: 'About your second entry' });
  const look = async (name: string) => {
    if (!shots) return;
    for (const [form, size] of Object.entries({
      wide: { width: 1440, height: 900 },
      phone: { width: 390, height: 844 },
    })) {
      await operator.setViewportSize(size);
      for (const colorScheme of ['light', 'dark'] as const) {
        await operator.emulateMedia({ colorScheme });
        await operator.screenshot({ path: `${shots}/${name}-${form}-${colorScheme}.png` });
      }
    }
    await operator.emulateMedia({ colorScheme: 'light' });
    await operator.setViewportSize({ width: 1280, height: 800 });
  };

  await test.step('they stand side by side, with why', async () => {
    await operator.goto('/contacts/duplicates');
    const pair = operator.getByRole('listitem', { name: 'Grace Hopper and G. Hopper' });
    await expect(pair).toContainText('Same e-mail address');
    await look('duplicates');
    await pair.getByRole('button', { name: 'Merge Grace Hopper and G. Hopper' }).click();
  });

  await test.step('the preview shows every field, and of the consents the stricter', async () => {
    const dialog = operator.getByRole('dialog');
    await expect(dialog.getByRole('radio', { name: 'Grace Hopper' })).toBeChecked();
    await expect(dialog).toContainText('Arlington');
    await expect(dialog).toContainText('Refused');
    await dialog.getByRole('radio', { name: 'G. Hopper' }).check();
    await expect(dialog.getByRole('radio', { name: 'G. Hopper' })).toBeChecked();
    await look('merge');
    await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
    await expect(dialog).toHaveCount(0);
  });

  await test.step('they are one person, with the conversations of both', async () => {
    await expect(operator).toHaveURL(new RegExp(first.id));
    await expect(operator.getByRole('heading', { level: 1 })).toHaveText('G. Hopper');
    await expect(operator.getByText('Merged with')).toBeVisible();
    await operator.getByRole('tab', { name: 'Conversations' }).click();
    await expect(operator.getByText('About your second entry')).toBeVisible();
    await look('merged');
    await operator.goto(`/contacts/${second.id}`);
    await expect(operator).toHaveURL(new RegExp(first.id));
  });

  await test.step('and two again', async () => {
    await operator.getByRole('button', { name: 'Undo the merge with G. Hopper' }).click();
    await expect(operator.getByRole('heading', { level: 1 })).toHaveText('Grace Hopper');
    await expect(operator.getByText('Merged with')).toHaveCount(0);
    await operator.goto(`/contacts/${second.id}`);
    await expect(operator.getByRole('heading', { level: 1 })).toHaveText('G. Hopper');
  });

  await test.step('from a person to another, by name', async () => {
    await operator.getByRole('button', { name: 'Merge, block, bin or erase' }).click();
    await operator.getByRole('menuitem', { name: 'Merge with…' }).click();
    const dialog = operator.getByRole('dialog');
    await dialog.getByLabel('Who is the other?').fill('Grace');
    await expect(dialog.getByRole('button', { name: 'Compare with Grace Hopper' })).toBeVisible();
    await look('find');
    await dialog.getByRole('button', { name: 'Compare with Grace Hopper' }).click();
    await expect(dialog.getByText('Which one is right?')).toBeVisible();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  await test.step('or they are kept apart', async () => {
    await operator.goto('/contacts/duplicates');
    await operator.getByRole('button', { name: 'Grace Hopper and G. Hopper are not the same' }).click();
    await expect(operator.getByRole('listitem', { name: 'Grace Hopper and G. Hopper' })).toHaveCount(0);
    await expect(operator.getByText('Nobody is here twice')).toBeVisible();
    await look('nobody');
  });
});

import { expect, test } from '../src/fixtures.ts';

test('colleagues write notes about a person, change and remove them', async ({ operator }) => {
  await operator.goto('/contacts');
  await operator.getByRole('row').nth(1).getByRole('link').first().click();
  await operator.getByRole('tab', { name: 'Notes' }).click();

  await test.step('one is written by keyboard', async () => {
    await operator.getByLabel('New note').fill('Prefers to be called\nafter lunch.');
    await operator.keyboard.press('Control+Enter');
    await expect(operator.getByRole('list', { name: 'Notes' }).getByRole('listitem')).toContainText(
      'after lunch',
    );
    await expect(operator.getByLabel('New note')).toHaveValue('');
  });

  await test.step('and changed, with a mark', async () => {
    const note = operator.getByRole('list', { name: 'Notes' }).getByRole('listitem').first();
    await note.getByRole('button', { name: 'Edit this note' }).click();
    await note.getByRole('textbox').fill('Prefers mornings.');
    await note.getByRole('button', { name: 'Save' }).click();
    await expect(note).toContainText('Prefers mornings.');
    await expect(note).toContainText('edited');
  });

  await test.step('it stands in the timeline', async () => {
    await operator.getByRole('tab', { name: 'Timeline' }).click();
    await operator.getByRole('button', { name: 'Notes', exact: true }).click();
    await expect(operator.getByText('Prefers mornings.')).toBeVisible();
    await operator.getByRole('tab', { name: 'Notes' }).click();
  });

  await test.step('and is removed once that is confirmed', async () => {
    await operator.getByRole('button', { name: 'Remove this note' }).click();
    await operator.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await expect(operator.getByText('Nobody wrote a note')).toBeVisible();
  });
});

import { expect, test } from '../src/fixtures.ts';

test('a card is hidden on arrival, and what is flagged goes by keyboard, for both sides at once', async ({
  dashboard,
  operator,
  visitor,
  widget,
}) => {
  const card = '4242 4242 4242 4242';
  const iban = 'DE89 3704 0044 0532 0130 00';
  await visitor.goto('/demo');
  await widget.open();

  await test.step('the visitor sees the mask in the place of the card', async () => {
    await widget.field.fill(`Please charge my card ${card}`);
    await widget.field.press('Enter');
    await expect(widget.bubbles.filter({ hasText: 'my card •••• 4242' })).toBeVisible();
    await expect(widget.bubbles.filter({ hasText: card })).toHaveCount(0);
  });

  await test.step('the operator sees the mark on a bank account', async () => {
    await widget.write(`Refund it to ${iban}, please`);
    await expect(widget.waiting).toHaveCount(0);
    await operator.goto('/inbox');
    await dashboard.open(`Refund it to ${iban}, please`);
    await expect(dashboard.log.locator('mark')).toHaveText(iban);
    await expect(dashboard.log).toContainText('Looks like a bank account');
    await expect(dashboard.messages.filter({ hasText: 'my card •••• 4242' })).toBeVisible();
  });

  await test.step('and takes it out by keyboard', async () => {
    await operator.locator('body').press('x');
    const dialog = operator.getByRole('alertdialog');
    await expect(dialog).toContainText('for good');
    const redact = dialog.getByRole('button', { name: 'Redact', exact: true });
    for (let n = 0; n < 5 && !(await redact.evaluate((e) => e === document.activeElement)); n++)
      await operator.keyboard.press('Tab');
    await expect(redact).toBeFocused();
    await operator.keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);
    await expect(dashboard.messages.filter({ hasText: 'Refund it to █████, please' })).toBeVisible();
    await expect(dashboard.log.locator('mark')).toHaveCount(0);
  });

  await test.step('the visitor, who did nothing, no longer sees it', async () => {
    await expect(widget.bubbles.filter({ hasText: 'Refund it to █████, please' })).toBeVisible();
    await expect(widget.bubbles.filter({ hasText: iban })).toHaveCount(0);
  });
});

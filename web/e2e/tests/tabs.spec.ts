import { expect, test } from '../src/fixtures.ts';
import { Widget } from '../src/widget.ts';

test('two tabs of one visitor are one visitor', async ({ api, dashboard, operator, visitor, widget }) => {
  const other = new Widget(await visitor.context().newPage());
  await visitor.goto('/demo');
  await other.page.goto('/demo');
  await widget.open();
  await widget.write('One message from the first tab.');
  await expect(widget.waiting).toHaveCount(0);

  await test.step('what one sends both show, once', async () => {
    await other.open();
    await expect(other.bubbles).toHaveText(['One message from the first tab.']);
    await other.write('And one from the second.');
    const both = ['One message from the first tab.', 'And one from the second.'];
    await expect(widget.bubbles).toHaveText(both);
    await expect(other.bubbles).toHaveText(both);
    await expect(widget.waiting).toHaveCount(0);
    await expect(other.waiting).toHaveCount(0);
  });

  await operator.goto('/inbox');
  const conversation = await dashboard.open('And one from the second.');
  const person = [
    ['contact', 'One message from the first tab.'],
    ['contact', 'And one from the second.'],
  ];
  expect(await api.said(conversation)).toEqual(person);

  await test.step('what is unread is unread in both, and read in both', async () => {
    await widget.field.press('Escape');
    await expect(widget.panel).toBeHidden();
    await other.field.press('Escape');
    await expect(other.panel).toBeHidden();
    await dashboard.reply('An answer to both tabs.');
    await expect(widget.launcher).toHaveAccessibleName('Open chat: 1');
    await expect(other.launcher).toHaveAccessibleName('Open chat: 1');
    await widget.open();
    await expect(widget.bubbles).toHaveText([
      ...person.map(([, text]) => text ?? ''),
      'An answer to both tabs.',
    ]);
    await expect(other.launcher).toHaveAccessibleName('Open chat');
    await other.open();
    await expect(other.bubbles).toHaveText([
      ...person.map(([, text]) => text ?? ''),
      'An answer to both tabs.',
    ]);
  });

  expect(await api.said(conversation)).toEqual([...person, ['operator', 'An answer to both tabs.']]);
});

import { expect, test } from '../src/fixtures.ts';
import { Widget } from '../src/widget.ts';

test('the widget works on a website whose policy allows nothing inline', async ({
  website,
  api,
  open,
  dashboard,
  operator,
}) => {
  const widget = new Widget(await (await open()).newPage());
  await widget.page.goto(website.url);
  await widget.open();
  // Styled although no style sheet and no <style> may come from it.
  await expect(widget.launcher).toHaveCSS('position', 'fixed');
  await expect(widget.launcher).toHaveCSS('border-radius', /^(50%|\d{2,}px)/);
  await widget.write('Hello from a strict website.');
  await expect(widget.waiting).toHaveCount(0);
  await operator.goto('/inbox');
  const conversation = await dashboard.open('Hello from a strict website.');
  await api.reply(conversation, 'Hello, strict website.');
  await expect(widget.bubbles).toHaveText(['Hello from a strict website.', 'Hello, strict website.']);
  await widget.page.reload();
  await widget.open();
  await expect(widget.bubbles).toHaveText(['Hello from a strict website.', 'Hello, strict website.']);
});

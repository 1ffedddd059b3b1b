/** The picture in README.md: `npm run screenshots -w e2e -- ../../docs/images readme`. */
import { join } from 'node:path';
import { expect, test } from '../src/fixtures.ts';
import { settled } from '../src/look.ts';
import { SIZES } from '../src/screens.ts';

test.use({ viewport: SIZES.wide, colorScheme: 'light' });

test('readme', async ({ dashboard, operator }) => {
  await operator.goto('/inbox');
  const conversation = await dashboard.open('It is a birthday present');
  expect(conversation).toMatch(/^cnv_/);
  await dashboard.reply(
    'Good news: yours was not on that pallet. It left Lille this morning and is with you on Thursday.',
  );
  await expect(dashboard.log.getByText('Sent', { exact: true })).toBeVisible();
  await expect(operator.getByText('First seen')).toBeVisible();
  await dashboard.field.blur();
  await operator.mouse.move(0, 0);
  await settled(operator);
  await operator.screenshot({
    path: join(process.env.BOTIMUM_SCREENSHOTS ?? 'test-results', 'inbox.png'),
    animations: 'disabled',
    caret: 'hide',
  });
});

import { createHmac } from 'node:crypto';
import { expect, test } from '../src/fixtures.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that the customer's own server would sign. */
function identityToken(secret: string, claims: object): string {
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, exp: Math.floor(Date.now() / 1000) + 600 })}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

test('a board asks the browser for work, and publishes what was worked for', async ({ api, open }) => {
  const board = await api.call<{ id: string }>('POST', 'boards', {
    name: 'Guarded ideas',
    slug: 'guarded',
    visibility: 'public',
  });
  await api.call('PATCH', `boards/${board.id}/moderation`, { challenge: 'everybody' });
  const { identity_secret: secret } = await api.call<{ identity_secret: string }>(
    'GET',
    'workspace/identity-secret',
  );
  const token = identityToken(secret, { sub: 'u-work', email: 'work@example.org' });
  const at = `/b/${api.session.workspace.slug}/guarded`;

  const page = await (await open()).newPage();
  await page.goto(`${at}/sign-in/from?next=/new#token=${token}`);
  await page.locator('#identity button').click();
  await page.getByLabel('In one line').fill('Worked for');
  await page.getByRole('button', { name: 'Share the idea' }).click(); // at once: the form waits until the work is done
  await page.waitForURL((url) => !url.pathname.endsWith('/new'));

  const list = await (await open()).newPage();
  await list.goto(at);
  await expect(list.getByRole('link', { name: 'Worked for' })).toBeVisible();
});

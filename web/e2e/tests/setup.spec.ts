import { expect, test } from '../src/fixtures.ts';

test('a new server is set up with the token that it printed, and explains what to do', async ({
  fresh,
  open,
}) => {
  const page = await (await open({ baseURL: fresh.server.url })).newPage();
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Set up your workspace' })).toBeVisible();
  await page.getByLabel('Workspace').fill('Fernhill Boats');
  await page.getByLabel('Your name').fill('Nora Fern');
  await page.getByLabel('E-mail').fill('nora@fernhill.example');
  await page.getByLabel('Password').fill('a long password, kept nowhere');

  await test.step('a wrong token is told to be wrong', async () => {
    await page.getByLabel('Set-up token').fill('wrong-token');
    await page.getByRole('button', { name: 'Create the workspace' }).click();
    await expect(page.getByRole('alert').first()).toContainText('token');
    await expect(page.getByLabel('Workspace')).toHaveValue('Fernhill Boats');
  });

  await test.step('the right one leads on', async () => {
    await page.getByLabel('Set-up token').fill(fresh.token);
    await page.getByRole('button', { name: 'Create the workspace' }).click();
    await expect(page).toHaveURL(/\/settings\/install$/);
    await expect(page.getByText('data-workspace=').first()).toBeVisible();
  });

  await test.step('the empty inbox says how a first message comes about', async () => {
    await page.getByRole('link', { name: 'Inbox' }).first().click();
    await expect(page.getByRole('heading', { name: 'Nobody has written yet' })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Put one line on your website' })).toBeVisible();
    await expect(page.getByText(`<script async src="${fresh.server.url}/widget.js"`)).toBeVisible();
  });

  await test.step('the token has worked once, and never again', async () => {
    const again = await fetch(`${fresh.server.url}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token: fresh.token,
        workspace: 'Thief',
        name: 'Thief',
        email: 'thief@thief.example',
        password: 'a long password, kept nowhere',
      }),
    });
    expect(again.ok).toBe(false);
    expect(again.headers.get('content-type')).toContain('application/problem+json');
  });
});

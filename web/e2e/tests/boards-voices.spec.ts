import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, tooWide } from '../src/look.ts';

// From a vote that asks for an address to one's own page, in a browser without scripts.
test('somebody votes, writes and decides about mails on a board, without JavaScript', async ({
  api,
  guard,
  open,
}) => {
  guard.allow(/status of 410 .*\/sign-in\//, /status of 422 /);
  const board = await api.call<{ id: string }>('POST', 'boards', {
    name: 'Harbour ideas',
    slug: 'harbour',
    visibility: 'public',
  });
  await api.call('POST', `boards/${board.id}/posts`, { title: 'A crane that sings' });
  const at = `/b/${api.session.workspace.slug}/harbour`;
  const page = await (
    await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
  ).newPage();
  // Axe is a script, so that it looks at the same page in a browser that runs some.
  const context = await open({ viewport: { width: 390, height: 844 } });
  const looking = await context.newPage();
  const isSound = async () => {
    await context.addCookies(await page.context().cookies());
    await looking.goto(page.url());
    expect(await seriousFindings(looking)).toEqual([]);
    expect(await tooWide(looking)).toEqual([]);
  };

  await test.step('a vote leads to signing in, where nothing is ticked', async () => {
    await page.goto(at);
    expect(await page.context().cookies()).toEqual([]);
    await page.getByRole('button', { name: /Vote for “A crane that sings”/ }).click();
    await expect(page.getByRole('heading', { name: 'Sign in to vote' })).toBeVisible();
    for (const box of await page.getByRole('checkbox').all()) await expect(box).not.toBeChecked();
    await isSound();
    await page.getByLabel('Your e-mail address').fill('nonsense');
    await page.getByRole('button', { name: 'Send me the link' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await page.getByLabel('Your e-mail address').fill('nora.quay@weser.example');
    await page.getByRole('checkbox', { name: /when this idea moves/ }).check();
    await page.getByRole('button', { name: 'Send me the link' }).click();
    await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  });

  const link = await test.step('a link comes by mail', async () => {
    const mails = await (await open()).newPage();
    const found = async () => {
      await mails.goto('/demo/mail');
      for (const one of await mails
        .locator('.mails a')
        .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))) {
        await mails.goto(one);
        const text = (await mails.locator('pre').first().textContent()) ?? '';
        const path = /\/b\/\S+\/sign-in\/[\w-]{43}/.exec(text)?.[0];
        if (path && (await mails.locator('body').textContent())?.includes('nora.quay')) return path;
      }
      return undefined;
    };
    await expect.poll(found, { timeout: 15_000 }).toBeTruthy();
    return (await found()) as string;
  });

  await test.step('it signs in once, and the vote counts', async () => {
    await page.goto(link);
    await isSound();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('button', { name: /1 vote\. Take back/ })).toBeVisible();
    const other = await (await open({ javaScriptEnabled: false })).newPage();
    await other.goto(link);
    await expect(other.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible();
  });

  await test.step('they say how much it matters, and write', async () => {
    await page.getByRole('link', { name: 'A crane that sings' }).click();
    await page.getByRole('button', { name: 'I need it' }).click();
    await expect(page.getByRole('button', { name: 'I need it' })).toHaveAttribute('aria-pressed', 'true');
    await page.getByLabel('Your comment').fill('In the **morning**, please.');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(page.locator('strong', { hasText: 'morning' })).toBeVisible();
    await isSound();
    await page.goto(`${at}/new`);
    await page.getByRole('button', { name: 'Share the idea' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await page.getByLabel('In one line').fill('A bench for two');
    await page.getByRole('button', { name: 'Share the idea' }).click();
    await expect(page.getByRole('heading', { name: 'A bench for two' })).toBeVisible();
  });

  await test.step('their own page shows it all, and ends it', async () => {
    await page.getByRole('link', { name: 'My votes' }).click();
    await expect(page.getByText('nora.quay@weser.example')).toBeVisible();
    await isSound();
    await page.getByRole('button', { name: /Stop.*A crane that sings/ }).click();
    await expect(page.getByText('Nothing. Open an idea')).toBeVisible();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  });
});

import { expect, test } from '../src/fixtures.ts';
import { seriousFindings, tooWide } from '../src/look.ts';

// Mail, then every right, in a browser that runs no script.
test('a person exercises their rights alone, without JavaScript', async ({ api, guard, open, server }) => {
  guard.allow(/status of 410 .*\/link\//, /status of 422 .*\/privacy\//);
  await api.contact('Rosa Brandt', 'rosa.brandt@weser.example');
  const at = `/privacy/${api.session.workspace.slug}`;
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

  await test.step('the address is asked for, and a broken one told', async () => {
    await page.goto(`${at}?lang=de`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await page.goto(at);
    await isSound();
    await page.getByLabel('Your e-mail address').fill('nonsense');
    await page.getByRole('button', { name: 'Send me the link' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await page.getByLabel('Your e-mail address').fill('rosa.brandt@weser.example');
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
        const path = /\/privacy\/\S+\/link\/[\w-]+/.exec(text)?.[0];
        if (path && (await mails.locator('body').textContent())?.includes('rosa.brandt')) return path;
      }
      return undefined;
    };
    await expect.poll(found, { timeout: 15_000 }).toBeTruthy();
    return (await found()) as string;
  });

  await test.step('it opens once', async () => {
    await page.goto(link);
    await page.getByRole('button', { name: 'Open my data' }).click();
    await expect(page.getByRole('heading', { name: 'What is held about you' })).toBeVisible();
    await isSound();
    const other = await (await open({ javaScriptEnabled: false })).newPage();
    await other.goto(link);
    await other.getByRole('button', { name: 'Open my data' }).click();
    await expect(other.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible();
  });

  await test.step('consent is given and withdrawn by one button each', async () => {
    const news = page.locator('li', { hasText: 'News by e-mail' });
    await news.getByRole('button', { name: 'I agree' }).click();
    await expect(page.getByRole('status')).toContainText('you agreed');
    await news.getByRole('button', { name: 'Withdraw' }).click();
    await expect(page.getByRole('status')).toContainText('withdrew');
  });

  await test.step('what is held can be read', async () => {
    await page.getByRole('link', { name: 'See everything' }).click();
    await page.getByRole('link', { name: 'Your profile' }).click();
    await expect(page.locator('body')).toContainText('Rosa Brandt');
    await page.goto(`${at}/me`);
  });

  await test.step('an erasure is asked about once more, and done at once', async () => {
    await page.getByRole('link', { name: 'Erase it' }).click();
    await expect(page.getByRole('heading', { name: 'Erase everything?' })).toBeVisible();
    await isSound();
    await page.getByRole('button', { name: 'Erase it for good' }).click();
    await expect(page.locator('article')).toContainText('ers_');
    await expect(page.locator('body')).not.toContainText('Rosa');
    expect(server.log).not.toContain('rosa.brandt');
  });
});

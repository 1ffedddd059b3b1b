import { expect, test } from '../src/fixtures.ts';

test('a profile says who looked at it, from which network and device', async ({
  api,
  open,
  operator,
  server,
}) => {
  const contact = await api.call<{ id: string }>('POST', 'contacts', {
    name: 'Ada Looked-at',
    basis: { purpose: 'support', lawful_basis: 'contract' },
  });

  await test.step('a colleague opens it on a telephone', async () => {
    const phone = await open({
      userAgent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0 Mobile/15E148 Safari/604.1',
      viewport: { width: 390, height: 844 },
    });
    const [name = '', value = ''] = api.cookie.split('=');
    await phone.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
    const page = await phone.newPage();
    await page.goto(`/contacts/${contact.id}`);
    await expect(page.getByRole('heading', { name: 'Ada Looked-at' })).toBeVisible();
  });

  await test.step('and it stands on the page, apart from the own look at a desk', async () => {
    await operator.goto(`/contacts/${contact.id}`);
    await operator.getByRole('tab', { name: 'Who looked' }).click();
    const list = operator.getByRole('tabpanel', { name: 'Who looked' });
    await expect(list.getByText('Safari on iOS, from 127.0.0.0/24').first()).toBeVisible();
    await expect(list.getByText(/Chrome on Linux, from 127\.0\.0\.0\/24/).first()).toBeVisible();
    const onPhone = list.getByRole('listitem').filter({ hasText: 'Safari on iOS' });
    await expect(onPhone).toHaveCount(1);
    await expect(onPhone).toContainText(/opened the profile/i);
  });
});

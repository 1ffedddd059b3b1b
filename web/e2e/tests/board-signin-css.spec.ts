import { expect, test } from '../src/fixtures.ts';
import { seriousFindings } from '../src/look.ts';

/** What a customer might try, knowingly or not, to have people sign in without reading what they agree to. */
const hostile = [
  'body, html, :root, main, form, fieldset, label, p, a, span, .card, .hint { display: none; }',
  '#board, #board *, #board form, #board main { visibility: hidden; opacity: 0; }',
  '* { font-size: 0; line-height: 0; color: transparent; height: 0; overflow: hidden; }',
  'main { transform: scale(0); max-height: 0; }',
  'form:has(input[type=email]) p { display: none; }',
  'div:has(form) { clip-path: inset(100%); }',
  ':is(main, form, fieldset) > * { text-indent: -9999px; margin-left: -9999px; }',
  '@media screen { form * { opacity: 0; } body > div { display: none; } }',
  '#door, #door *, #email, #why { display: none; }',
  'form.card p#why, fieldset .tick span { color: #ffffff; background: #ffffff; }',
  '.hint::first-line { font-size: 0; } .tick::before { content: "Yes, of course"; }',
].join('\n');

test("a board's own stylesheet hides nothing of what people are told where they sign in", async ({
  page,
  server,
  api,
}) => {
  const slug = 'plain-signin';
  const board = await api.call<{ id: string; url: string }>('POST', 'boards', {
    name: 'Plain',
    slug,
    visibility: 'public',
    css: hostile,
  });
  const post = await api.call<{ number: number }>('POST', `boards/${board.id}/posts`, { title: 'A bench' });
  const at = `${server.url}${new URL(board.url).pathname}`;
  await page.goto(at);
  await expect(page.getByRole('heading', { name: 'A bench' })).toBeHidden(); // the stylesheet holds where it may
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${at}/sign-in?for=vote&post=${post.number}`);
    const why = page.locator('#why');
    const notice = why.getByRole('link');
    const wordings = page.locator('fieldset .tick span');
    await expect(wordings).not.toHaveCount(0);
    for (const words of [why, notice, ...(await wordings.all())]) {
      await expect(words).toBeVisible();
      await expect(words).toBeInViewport();
      const seen = await words.evaluate((el) => {
        const box = el.getBoundingClientRect();
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        let opacity = 1;
        for (let up: Element | null = el; up; up = up.parentElement)
          opacity *= Number(getComputedStyle(up).opacity);
        const style = getComputedStyle(el);
        return {
          isOnTop: top !== null && (el.contains(top) || top.contains(el)),
          opacity,
          size: Number.parseFloat(style.fontSize),
          isShown: style.color !== style.backgroundColor && style.textIndent === '0px',
        };
      });
      expect(seen).toMatchObject({ isOnTop: true, opacity: 1, isShown: true });
      expect(seen.size).toBeGreaterThanOrEqual(14);
    }
    expect(
      await page
        .locator('.tick')
        .first()
        .evaluate((el) => getComputedStyle(el, '::before').content),
    ).toBe('none');
    expect(await seriousFindings(page)).toEqual([]);
    // What people do not see, they do not reach either.
    await expect(page.locator('#homepage')).not.toBeInViewport({ ratio: 0.5 });
    await page.locator('#email').focus();
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.id)).not.toBe('homepage');
    }
  }
});

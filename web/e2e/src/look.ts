import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs axe on all of the page, open shadow roots included, and gives its serious and critical findings in words. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Through the debugger, since the pages' policy rightly lets no script in from elsewhere.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  const { violations } = await page.evaluate((): Promise<AxeResults> => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return axe.run(document, { resultTypes: ['violations'] });
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => {
      const where = nodes.slice(0, 4).map(({ target, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
        return `${target.join(' ')} (${why})`;
      });
      return `${id}: ${help}: ${where.join(' | ')}`;
    });
}

/** On a touch screen a dialog stays unseen until the keyboard has had its time to come up: waits for that. */
export async function settled(page: Page): Promise<void> {
  const seen = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('[role=dialog], [role=alertdialog]')].every((dialog) =>
        dialog.checkVisibility({ opacityProperty: true }),
      ),
    );
  await expect.poll(seen).toBe(true);
}

/** What is wider than its place: the page, or a part of it that should scroll up and down alone. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.body.querySelectorAll<HTMLElement>('*')]
      // What may be moved sideways is a region of its own that the keyboard reaches.
      .filter(
        (element) => element.scrollWidth > element.clientWidth + 1 && !element.closest('[tabindex="0"]'),
      )
      .filter((element) => {
        const { overflowX, overflowY } = getComputedStyle(element);
        return element === document.documentElement || (overflowX === 'auto' && overflowY === 'auto');
      })
      .map(
        ({ tagName, className, scrollWidth, clientWidth }) =>
          `${tagName} ${className}: ${scrollWidth} in ${clientWidth}`,
      ),
  );
}

/** The screens of a server on which nobody has written yet, in the order in which its owner meets them. */
import { expect, type Page } from '@playwright/test';

export interface FreshScreen {
  name: string;
  /** Goes on from the screen before. */
  reach(page: Page, token: string): Promise<void>;
}

export const FRESH_SCREENS: FreshScreen[] = [
  {
    name: 'setup',
    async reach(page) {
      await page.goto('/setup');
      await page.getByLabel('Set-up token').fill('wrong-token');
      await page.getByLabel('Workspace').fill('Fernhill Boats');
      await page.getByLabel('Your name').fill('Nora Fern');
      await page.getByLabel('E-mail').fill('nora@fernhill.example');
      await page.getByLabel('Password').fill('a long password, kept nowhere');
      await page.getByRole('button', { name: 'Create the workspace' }).click();
      await expect(page.getByRole('alert').first()).toContainText('token');
    },
  },
  {
    name: 'install-first',
    async reach(page, token) {
      await page.getByLabel('Set-up token').fill(token);
      await page.getByRole('button', { name: 'Create the workspace' }).click();
      await expect(page).toHaveURL(/\/settings\/install$/);
      await expect(page.getByText('data-workspace=').first()).toBeVisible();
    },
  },
  {
    name: 'inbox-empty',
    async reach(page) {
      await page.goto('/inbox');
      await expect(page.getByRole('heading', { name: 'Nobody has written yet' })).toBeVisible();
    },
  },
  {
    name: 'contacts-empty',
    async reach(page) {
      await page.goto('/contacts');
      await expect(page.getByRole('heading', { name: 'Nobody is here yet' })).toBeVisible();
    },
  },
];

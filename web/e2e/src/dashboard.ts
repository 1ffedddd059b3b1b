import { expect, type Locator, type Page } from '@playwright/test';
import type { Account } from './api.ts';

/** The operators' side, as an operator finds it. */
export class Dashboard {
  /** The conversations of the list, the liveliest first. */
  readonly rows: Locator;
  /** What was said in the open conversation, oldest first, and what is on its way. */
  readonly messages: Locator;
  readonly log: Locator;
  readonly field: Locator;

  constructor(readonly page: Page) {
    this.rows = page.locator('a[data-row^="cnv_"]');
    this.log = page.getByRole('log', { name: 'Messages' });
    this.messages = this.log.locator('li .whitespace-pre-wrap');
    this.field = page.getByRole('textbox', { name: /^Reply to/ });
  }

  async signIn({ email, password }: Account): Promise<void> {
    await this.page.goto('/');
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(this.page).toHaveURL(/\/inbox$/);
  }

  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  /** Opens the conversation whose last words these are; gives its id. */
  async open(text: string): Promise<string> {
    await this.row(text).click();
    await expect(this.messages.filter({ hasText: text })).toBeVisible();
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? '';
  }

  async reply(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
    await expect(this.messages.filter({ hasText: text })).toBeVisible();
  }

  async openContacts(): Promise<void> {
    await this.page.getByRole('link', { name: 'Contacts' }).first().click();
    await expect(this.page.getByRole('heading', { name: 'Contacts', level: 1 })).toBeVisible();
  }

  /** From a contact's page to the question whether they are to be erased. */
  async askToErase(): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Merge, block, bin or erase' }).click();
    await this.page.getByRole('menuitem', { name: 'Erase for good…' }).click();
    const dialog = this.page.getByRole('alertdialog');
    await expect(dialog).toBeVisible();
    return dialog;
  }
}

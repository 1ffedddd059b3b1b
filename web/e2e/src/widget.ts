import { expect, type Locator, type Page } from '@playwright/test';

/** The chat on a website, as a visitor finds it. */
export class Widget {
  readonly launcher: Locator;
  readonly panel: Locator;
  readonly field: Locator;
  /** What was said, oldest first, and what waits to be sent. */
  readonly bubbles: Locator;
  /** Those of them that have not arrived. */
  readonly waiting: Locator;
  readonly emailCard: Locator;

  constructor(readonly page: Page) {
    const root = page.locator('#botimum');
    this.launcher = root.locator('button.launcher');
    this.panel = root.getByRole('dialog');
    this.field = this.panel.getByRole('textbox', { name: 'Write a message' });
    this.bubbles = this.panel.locator('.bubble');
    const onItsWay = /Sending…|Waiting for a connection\.|Not sent\./;
    this.waiting = this.panel.locator('.message').filter({ hasText: onItsWay }).locator('.bubble');
    this.emailCard = this.panel.locator('form.card');
  }

  async open(): Promise<void> {
    await expect(this.launcher).toBeVisible();
    await this.launcher.click();
    await expect(this.panel).toBeVisible();
  }

  /** Writes and sends; what is written shows at once. */
  async write(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
    await expect(this.bubbles.filter({ hasText: text })).toBeVisible();
  }

  async showPrivacy(): Promise<void> {
    await this.panel.getByRole('button', { name: 'Your privacy' }).click();
    await expect(this.panel.getByRole('heading', { name: 'Your privacy' })).toBeVisible();
  }
}

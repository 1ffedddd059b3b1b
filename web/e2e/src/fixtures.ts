import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from '@playwright/test';
import { type Account, Api } from './api.ts';
import { Dashboard } from './dashboard.ts';
import { Guard } from './guard.ts';
import { Server } from './server.ts';
import { Website } from './website.ts';
import { Widget } from './widget.ts';

interface PerWorker {
  /** A server with demo data. Ends well, or the run fails. */
  server: Server;
  /** Its demo operator. */
  account: Account;
  /** The demo operator's session. */
  api: Api;
}

interface PerTest {
  guard: Guard;
  /** Opens a browser of its own kind of signedIn: nothing shared with another. */
  open: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** Somebody who is on the demo website. */
  visitor: Page;
  widget: Widget;
  /** Opens a browser in which the demo operator is signed in. */
  signedIn: () => Promise<BrowserContext>;
  /** Such a browser's page, nowhere yet. */
  operator: Page;
  dashboard: Dashboard;
  /** A server where nothing is set up yet, and the token that it printed. */
  fresh: { server: Server; token: string };
  /** A customer's website with a strict policy. */
  website: Website;
}

export const test = base.extend<PerTest, PerWorker>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern.
    async ({}, use) => {
      const server = await Server.start('--demo');
      await use(server);
      expect(await server.stop(), `exit code after SIGTERM; ${server.log}`).toBe(0);
      await server.remove();
    },
    { scope: 'worker' },
  ],
  account: [
    async ({ server }, use) => {
      await use({
        email: server.printed(/Sign in as:\s+(\S+)/),
        password: server.printed(/with the password:\s+(\S+)/),
      });
    },
    { scope: 'worker' },
  ],
  api: [
    async ({ server, account }, use) => {
      await use(await Api.signIn(server, account));
    },
    { scope: 'worker' },
  ],

  guard: async ({ server }, use, info) => {
    const guard = new Guard();
    guard.host(server.url);
    await use(guard);
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: server.log });
    guard.check();
  },
  open: async ({ browser, server, guard }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ baseURL: server.url, ...options });
      opened.push(context);
      await guard.watch(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
  visitor: async ({ open }, use) => {
    const page = await (await open()).newPage();
    await use(page);
  },
  widget: async ({ visitor }, use) => {
    await use(new Widget(visitor));
  },
  signedIn: async ({ open, api, server }, use) => {
    await use(async () => {
      const context = await open();
      await context.addCookies([cookieOf(api, server)]);
      return context;
    });
  },
  operator: async ({ signedIn }, use) => {
    await use(await (await signedIn()).newPage());
  },
  dashboard: async ({ operator }, use) => {
    await use(new Dashboard(operator));
  },

  fresh: async ({ guard }, use, info) => {
    const server = await Server.start();
    guard.host(server.url);
    await use({ server, token: server.printed(/one-time token:\s+(\S+)/) });
    if (info.status !== info.expectedStatus)
      await info.attach('log of the fresh server', { body: server.log });
    expect(await server.stop(), `exit code after SIGTERM; ${server.log}`).toBe(0);
    await server.remove();
  },
  website: async ({ server, api, guard }, use) => {
    const website = await Website.start(server.url, api.session.workspace.key);
    guard.host(website.url);
    await use(website);
    await website.stop();
  },
});

export { expect };

/** The session's cookie as Playwright puts it into a browser. */
function cookieOf(api: Api, server: Server) {
  const [name = '', value = ''] = api.cookie.split('=');
  return { name, value, url: server.url, httpOnly: true, sameSite: 'Lax' as const };
}

import { type BrowserContext, expect } from '@playwright/test';

/**
 * Listens to everything that pages do, and keeps what none of them may do: a request to another host, an error on the
 * console, an exception, a breach of the content security policy.
 */
export class Guard {
  readonly #problems: string[] = [];
  readonly #allowed: RegExp[] = [
    // A wrong token or password is answered so; the page says it in words.
    /status of 401 .*\/api\/v1\/setup$/,
    // Asking who is signed in is how the sign-in page finds out that nobody is.
    /status of 401 .*\/api\/v1\/session$/,
  ];
  readonly #hosts = new Set<string>();

  /** Pages may talk to this server. */
  host(url: string): void {
    this.#hosts.add(new URL(url).host);
  }

  /** Says what a test causes on purpose: a line of the console that matches is no problem. */
  allow(...lines: RegExp[]): void {
    this.#allowed.push(...lines);
  }

  async watch(context: BrowserContext): Promise<void> {
    context.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol === 'data:' || protocol === 'blob:' || this.#hosts.has(host)) return;
      this.#problems.push(`request to another host: ${request.url()}`);
    });
    context.on('console', (line) => {
      if (line.type() === 'error') this.#complain(`console: ${line.text()} at ${line.location().url}`);
    });
    context.on('weberror', (error) => this.#complain(`exception: ${error.error().stack}`));
    await context.exposeBinding('botimumPolicyBreach', (_, text: string) => {
      this.#complain(`content security policy: ${text}`);
    });
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const { violatedDirective, blockedURI, sourceFile, lineNumber } = event;
        const text = `${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber} on ${location.pathname}`;
        (window as unknown as { botimumPolicyBreach(text: string): void }).botimumPolicyBreach(text);
      });
    });
  }

  #complain(text: string): void {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.#problems.push(text);
  }

  /** Fails with all that was kept. */
  check(): void {
    expect(this.#problems, 'what pages did that they may not do').toEqual([]);
  }
}

/** What a browser writes while its network or the server is cut. */
export const OUTAGE =
  /Failed to load resource: net::ERR_|net::ERR_INCOMPLETE_CHUNKED_ENCODING|net::ERR_INTERNET_DISCONNECTED/;

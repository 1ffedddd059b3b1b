import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from '@playwright/test';

const binary = process.env.BOTIMUM_TEST_BINARY ?? resolve(import.meta.dirname, '../../../bin/botimum');

/** The real program on a data directory of its own: it can be stopped, killed, and started again on the same data. */
export class Server {
  /** What it wrote to its standard output and error, over all its lives. */
  output = '';
  log = '';
  #process: ChildProcess | undefined;
  #ended: Promise<number | null> | undefined;

  private constructor(
    readonly url: string,
    readonly data: string,
    private readonly flags: string[],
  ) {}

  static async start(...flags: string[]): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'botimum-e2e-'));
    const server = new Server(`http://127.0.0.1:${await freePort()}`, data, flags);
    await server.start();
    return server;
  }

  /** Starts the program and waits until it can serve. */
  async start(): Promise<void> {
    const listen = new URL(this.url).host;
    const child = spawn(binary, ['serve', '--data', this.data, '--listen', listen, ...this.flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: this.data },
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    this.#process = child;
    this.#ended = once(child, 'exit').then(([code]) => code as number | null);
    const poll = async () => {
      if (child.exitCode !== null) return `ended with ${child.exitCode}`;
      return fetch(`${this.url}/readyz`).then(
        ({ status }) => status,
        () => 'does not answer yet',
      );
    };
    await expect.poll(poll, { message: this.log, intervals: [20, 50], timeout: 20_000 }).toBe(200);
  }

  /** Asks it to end, as an operating system does; gives its exit code. */
  async stop(): Promise<number | null> {
    this.#process?.kill('SIGTERM');
    return (await this.#ended) ?? null;
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#ended;
  }

  /** Reads from what it printed: the first group of the pattern. */
  printed(pattern: RegExp): string {
    const found = pattern.exec(this.output)?.[1];
    if (!found) throw new Error(`the server did not print ${pattern}: ${this.output}`);
    return found;
  }

  remove(): Promise<void> {
    return rm(this.data, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}

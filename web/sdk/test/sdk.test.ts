import { beforeEach, describe, expect, it, vi } from 'vitest';

/** A fresh copy of the package: it holds one widget per page. */
async function fresh() {
  vi.resetModules();
  return import('../src/index.js');
}

/** The script tags on the page. Nothing is loaded: each test says how that ends. */
const tags: HTMLScriptElement[] = [];
const tag = () => tags.at(-1);

beforeEach(() => {
  tags.length = 0;
  delete window.botimum;
  vi.spyOn(document.head, 'append').mockImplementation((script) => {
    const element = script as HTMLScriptElement;
    element.remove = () => tags.splice(tags.indexOf(element), 1);
    tags.push(element);
  });
});

describe('@botimum/browser', () => {
  it('adds the script once, with what it needs', async () => {
    const { load } = await fresh();
    const options = {
      host: 'https://chat.example/',
      workspace: 'wk_1',
      locale: 'de',
      color: '#123456',
      nonce: 'n',
    };
    expect(load(options)).toBe(load(options));
    expect(tags).toHaveLength(1);
    expect(tag()?.src).toBe('https://chat.example/widget.js');
    expect(tag()?.dataset).toMatchObject({ workspace: 'wk_1', locale: 'de' });
    expect(tag()?.nonce).toBe('n');
  });

  it('holds commands until the widget is there, and gives their answers', async () => {
    const { botimum, load } = await fresh();
    const calls: unknown[] = [];
    const first = botimum('chat', 'open');
    const second = botimum('consent', 'status', 'email_replies');
    load({ host: 'https://chat.example', workspace: 'wk_1' });
    window.botimum = (async (...call: unknown[]) => {
      calls.push(call);
      return call.length;
    }) as unknown as NonNullable<typeof window.botimum>;
    tag()?.onload?.(new Event('load'));
    expect(await first).toBe(2);
    expect(await second).toBe(3);
    expect(calls).toEqual([
      ['chat', 'open'],
      ['consent', 'status', 'email_replies'],
    ]);
  });

  it('rejects where the script cannot be loaded, and can be asked again', async () => {
    const { load } = await fresh();
    const options = { host: 'https://chat.example', workspace: 'wk_1' };
    const failed = load(options);
    tag()?.onerror?.(new Event('error'));
    await expect(failed).rejects.toThrow('could not be loaded');
    expect(tags).toEqual([]);
    load(options);
    expect(tags).toHaveLength(1);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { front } from '../src/loader/queue.ts';
import type { Panel } from '../src/mount.ts';
import { commands } from '../src/panel/commands.ts';
import type { Chat } from '../src/panel/core/chat.ts';
import { createEvents } from '../src/panel/core/events.ts';
import { settled } from './builders.ts';

describe('the queue', () => {
  function setUp(waiting: ArrayLike<unknown>[] = []) {
    let arrive: (panel: Panel) => void = () => {};
    const panel = new Promise<Panel>((resolve) => {
      arrive = resolve;
    });
    const fetchPanel = vi.fn();
    const ran: unknown[] = [];
    const run = vi.fn(async (command: string, args: unknown[]) => {
      ran.push([command, ...args]);
      if (command === 'fail') throw new Error('no');
      return command.length;
    });
    const botimum = front(waiting, panel, fetchPanel);
    return { botimum, ran, fetchPanel, arrive: () => arrive({ run }) };
  }

  it('runs what waited in the stub first, in order', async () => {
    // What `function(){(botimum.q=botimum.q||[]).push(arguments)}` leaves behind.
    const stub = { 0: 'on', 1: 'ready', 2: Math.max, length: 3 };
    const { botimum, ran, arrive } = setUp([stub, ['chat', 'open']]);
    const later = botimum('identify', { email: 'a@b.example' });
    await settled();
    expect(ran).toEqual([]);
    arrive();
    expect(await later).toBe(8);
    expect(ran).toEqual([
      ['on', 'ready', Math.max],
      ['chat', 'open'],
      ['identify', { email: 'a@b.example' }],
    ]);
  });

  it('fetches the panel for a command, and not for listening alone', () => {
    const { botimum, fetchPanel } = setUp();
    botimum('on', 'ready', () => {});
    expect(fetchPanel).not.toHaveBeenCalled();
    botimum('chat', 'open');
    expect(fetchPanel).toHaveBeenCalledOnce();
  });

  it('hands a failure to its caller, and survives one of the stub', async () => {
    const { botimum, arrive } = setUp([['fail']]);
    arrive();
    await expect(botimum('fail')).rejects.toThrow('no');
    expect(await botimum('ok')).toBe(2);
  });
});

describe('the commands', () => {
  function setUp() {
    const chat = {
      state: { open: false, consents: { email_replies: 'granted' } },
      ready: Promise.resolve(),
      open: vi.fn(),
      close: vi.fn(),
      send: vi.fn(async (body: string) => ({ body })),
      identify: vi.fn(async (claim: object) => claim),
      consent: vi.fn(async () => ({ state: 'withdrawn' })),
      api: { call: vi.fn(async (_: string, __: string, body: object) => ({ ...body, state: 'completed' })) },
      reset: vi.fn(async () => 'token'),
    };
    const events = createEvents();
    const showLauncher = vi.fn();
    const setLocale = vi.fn(async () => {});
    const run = commands({ chat: chat as unknown as Chat, events, showLauncher, setLocale });
    return { chat, events, showLauncher, run };
  }

  it('opens a board by its slug, and nothing else of it', async () => {
    const { run, chat } = setUp();
    await run('board', ['open', 'ideas']);
    expect(chat.open).toHaveBeenCalledWith('board', 'ideas');
    await expect(run('board', ['close'])).rejects.toMatchObject({ code: 'invalid_command' });
  });

  it('tells what the visitor did', async () => {
    const { run, chat } = setUp();
    await run('track', ['order placed', { sum: 12 }]);
    expect(chat.api.call).toHaveBeenCalledWith('POST', 'events', {
      name: 'order placed',
      properties: { sum: 12 },
    });
  });

  it('rejects what it does not know, and tells the listeners', async () => {
    const { run, events } = setUp();
    const heard: unknown[] = [];
    events.on('error', (failure: never) => heard.push(failure));
    await expect(run('chta', [])).rejects.toMatchObject({ code: 'invalid_command' });
    await expect(run('chat', ['opne'])).rejects.toMatchObject({ code: 'invalid_command' });
    await expect(run('consent', ['give', 'x'])).rejects.toMatchObject({ code: 'invalid_command' });
    await expect(run('on', ['ready'])).rejects.toMatchObject({ code: 'invalid_command' });
    await expect(run('identify', [])).rejects.toMatchObject({ code: 'unexpected' });
    await expect(run('toString', [])).rejects.toMatchObject({ code: 'invalid_command' });
    await settled();
    expect(heard).toHaveLength(6);
  });

  it('chat shows what it sends in a person’s name', async () => {
    const { run, chat, showLauncher } = setUp();
    await expect(run('chat', ['message', '  Hi '])).resolves.toEqual({ body: 'Hi' });
    expect(chat.open).toHaveBeenCalledWith('thread');
    await expect(run('chat', ['message', ' '])).rejects.toMatchObject({ code: 'invalid_command' });
    await run('chat', ['hide']);
    expect(showLauncher).toHaveBeenLastCalledWith(false);
    await run('chat', ['show']);
    expect(showLauncher).toHaveBeenLastCalledWith(true);
  });

  it('identify speaks the names of the API', async () => {
    const { run, chat } = setUp();
    await run('identify', [{ externalId: '7', email: 'a@b.example', basis: { purpose: 'support' } }]);
    expect(chat.identify).toHaveBeenCalledWith({
      external_id: '7',
      email: 'a@b.example',
      basis: { purpose: 'support' },
    });
  });

  it('privacy opens the view, and asks for a right', async () => {
    const { run, chat } = setUp();
    await run('privacy', ['open']);
    expect(chat.open).toHaveBeenCalledWith('privacy');
    expect(await run('privacy', ['request', 'erasure'])).toEqual({ kind: 'erasure', state: 'completed' });
    await expect(run('privacy', ['erase'])).rejects.toMatchObject({ code: 'invalid_command' });
  });

  it('consent tells the state, and changes it', async () => {
    const { run } = setUp();
    expect(await run('consent', ['status', 'email_replies'])).toEqual({
      purpose: 'email_replies',
      state: 'granted',
    });
    expect(await run('consent', ['status', 'other'])).toEqual({ purpose: 'other', state: 'none' });
    expect(await run('consent', ['withdraw', 'email_replies'])).toEqual({ state: 'withdrawn' });
  });

  it('tells "ready" once, to late listeners too, and lets a bad listener disturb nobody', async () => {
    const { run, events } = setUp();
    const early = vi.fn();
    await run('on', ['ready', early]);
    events.emit('ready', { contact: null });
    events.emit('ready', { contact: null });
    const late = vi.fn();
    await run('on', ['ready', late]);
    await settled();
    expect(early).toHaveBeenCalledOnce();
    expect(late).toHaveBeenCalledWith({ contact: null });
    await run('off', ['chat:opened', early]);
  });
});

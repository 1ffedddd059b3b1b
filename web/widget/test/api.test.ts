import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '../src/panel/core/api.ts';
import { Failure, isTransient } from '../src/panel/core/failure.ts';
import { createMemory } from '../src/panel/core/memory.ts';

interface Asked {
  path: string;
  bearer: string;
  body: Record<string, unknown> | undefined;
}

/** Answers as the test says, by the path below /widget/v1/. */
function setUp(answer: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    const one = {
      path: url.replace('https://host.example/widget/v1/', ''),
      bearer: (headers.get('authorization') ?? '').replace('Bearer ', ''),
      body: init.body ? JSON.parse(String(init.body)) : undefined,
    };
    asked.push(one);
    return answer(one);
  });
  const memory = createMemory('wk_1');
  const onLost = vi.fn();
  const onSession = vi.fn();
  const api = createApi({
    base: 'https://host.example/',
    workspaceKey: 'wk_1',
    memory,
    locale: () => 'de',
    onSession,
    onLost,
  });
  return { api, asked, memory, onLost, onSession };
}

const json = (status: number, value: unknown, headers = {}) =>
  new Response(JSON.stringify(value), { status, headers });
const session = (token: string, id?: string) =>
  json(200, {
    session_token: token,
    contact: id ? { id, name: '', email: '', verified: false } : null,
    settings: {},
  });
const ended = () => json(401, { code: 'unauthorized', detail: 'The session has ended.' });

beforeEach(() => localStorage.clear());

describe('the session', () => {
  it('starts once for all that need it, and is not kept for someone who only looks', async () => {
    const { api, asked, onSession } = setUp(({ path }) =>
      path === 'sessions' ? session('t1') : json(200, {}),
    );
    await Promise.all([api.ensure(), api.call('GET', 'conversations'), api.call('GET', 'consents')]);
    expect(asked.map(({ path, bearer }) => [path, bearer])).toEqual([
      ['sessions', ''],
      ['conversations', 't1'],
      ['consents', 't1'],
    ]);
    expect(asked[0]?.body).toEqual({ workspace_key: 'wk_1', locale: 'de' });
    expect(onSession).toHaveBeenCalledOnce();
    expect(localStorage.length).toBe(0);
  });

  it('is renewed for a person who was kept', async () => {
    const { api, asked, memory, onLost } = setUp(() => session('t2', 'con_1'));
    memory.keep({ token: 't1', contact: 'con_1' });
    await api.ensure();
    expect(asked[0]?.bearer).toBe('t1');
    expect(memory.saved()).toMatchObject({ token: 't2', contact: 'con_1' });
    expect(onLost).not.toHaveBeenCalled();
  });

  it('begins anew where the server no longer knows the person', async () => {
    const { api, memory, onLost } = setUp(() => session('t2'));
    memory.keep({ token: 't1', contact: 'con_erased' });
    await api.ensure();
    expect(onLost).toHaveBeenCalledOnce();
    expect(memory.saved()).toBeUndefined();
    expect(api.token()).toBe('t2');
  });

  it('that ends is dropped, a new one started, and the request made once more', async () => {
    const tokens = ['t1', 't2'];
    const { api, asked, memory, onLost } = setUp(({ path, bearer }) => {
      if (path === 'sessions') return session(tokens.shift() ?? 'none');
      return bearer === 't1' ? ended() : json(200, { fine: true });
    });
    await api.ensure();
    memory.keep({ token: 't1' });
    const [one, two] = await Promise.all([api.call('GET', 'a'), api.call('GET', 'b')]);
    expect([one, two]).toEqual([{ fine: true }, { fine: true }]);
    expect(asked.filter(({ path }) => path === 'sessions')).toHaveLength(2);
    expect(onLost).toHaveBeenCalledOnce();
    expect(memory.saved()).toBeUndefined();
  });

  it('is retried once only', async () => {
    const { api, asked } = setUp(({ path }) => (path === 'sessions' ? session('t') : ended()));
    await expect(api.call('GET', 'a')).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
    expect(asked.filter(({ path }) => path === 'a')).toHaveLength(2);
  });

  it('of another tab is taken before a new one is started', async () => {
    const { api, asked, memory } = setUp(({ path, bearer }) => {
      if (path === 'sessions') return session('t1');
      return bearer === 't9' ? json(200, {}) : ended();
    });
    await api.ensure();
    memory.keep({ token: 't9' });
    await api.call('GET', 'a');
    expect(asked.map(({ bearer }) => bearer)).toEqual(['', 't1', 't9']);
    expect(memory.saved()).toEqual({ token: 't9' });
  });

  it('stays when proof of identity is refused', async () => {
    const { api, onLost } = setUp(({ path }) => (path === 'sessions' ? session('t1') : ended()));
    await expect(api.call('POST', 'identify', { token: 'bad' })).rejects.toMatchObject({ status: 401 });
    expect(api.token()).toBe('t1');
    expect(onLost).not.toHaveBeenCalled();
  });
});

describe('failures', () => {
  it('carry what the server says, the field first', async () => {
    const { api } = setUp(({ path }) =>
      path === 'sessions'
        ? session('t')
        : json(422, {
            code: 'invalid',
            detail: 'x',
            errors: [{ field: 'email', detail: 'is not an address' }],
          }),
    );
    await expect(api.call('POST', 'identify', {})).rejects.toMatchObject({
      code: 'invalid',
      status: 422,
      message: 'is not an address',
    });
  });

  it.each([
    ['no network', () => Promise.reject(new TypeError('failed')), 'network', true],
    ['a proxy’s page', () => new Response('<h1>', { status: 502 }), 'http_error', true],
    ['too many', () => json(429, { code: 'slow_down' }, { 'retry-after': '7' }), 'slow_down', true],
    ['a cut answer', () => new Response('{"a', { status: 200 }), 'network', true],
    ['refused', () => json(403, { code: 'origin_refused' }), 'origin_refused', false],
  ])('%s', async (_, answer, code, transient) => {
    const { api } = setUp(({ path }) => (path === 'sessions' ? session('t') : answer()));
    const failure: Failure = await api.call<never>('GET', 'a').catch((error) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure.code).toBe(code);
    expect(isTransient(failure)).toBe(transient);
    if (code === 'slow_down') expect(failure.retryAfter).toBe(7000);
  });
});

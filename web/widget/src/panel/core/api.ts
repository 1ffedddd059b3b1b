/** Requests to /widget/v1, and the session that they need. */
import { Failure, fromResponse } from './failure.ts';
import type { Memory } from './memory.ts';
import type { SessionAnswer } from './wire.ts';

/** A request that takes longer is given up, and tried again where that is harmless. */
const PATIENCE = 20_000;

/** Headers that tell of the page, where the workspace asks for them: with what is sent, never with what is read. */
let page: object | undefined;

export interface ApiDeps {
  base: string;
  workspaceKey: string;
  memory: Memory;
  locale: () => string;
  /** A session was started or renewed. */
  onSession: (answer: SessionAnswer) => void;
  /** The person that this browser knew is gone: signed out, expired or erased. */
  onLost: () => void;
}

export interface Api {
  token(): string | undefined;
  /** Takes over the session of another tab, or the one that `identify` answered. */
  adopt(token: string | undefined): void;
  /** The running session's token, starting or renewing one where there is none. */
  ensure(): Promise<string>;
  /** Asks for JSON. A 204 gives `undefined`. Rejects with a `Failure`. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Opens the event stream; resolves once the headers are here. */
  stream(lastId: string, signal: AbortSignal): Promise<Response>;
  /** Asks for what is no JSON. */
  authorised(path: string, init: RequestInit): Promise<Response>;
}

export function createApi({ base, workspaceKey, memory, locale, onSession, onLost }: ApiDeps): Api {
  let token: string | undefined;
  let starting: Promise<string> | undefined;

  const send = (path: string, init: RequestInit, bearer?: string): Promise<Response> =>
    fetch(`${base}widget/v1/${path}`, {
      ...init,
      headers: { ...init.headers, ...(bearer && { authorization: `Bearer ${bearer}` }) },
      signal: init.signal ?? AbortSignal.timeout(PATIENCE),
      credentials: 'omit',
    }).catch(unreached);

  const lose = () => {
    memory.forget();
    onLost();
  };

  const start = async (): Promise<string> => {
    const init = json('POST', { workspace_key: workspaceKey, locale: locale() });
    const known = memory.saved();
    let response = await send('sessions', init, known?.token);
    if (response.status === 401 && known) {
      lose();
      response = await send('sessions', init);
    }
    if (!response.ok) throw await fromResponse(response);
    const answer: SessionAnswer = await response.json().catch(unreached);
    const contact = answer.contact?.id;
    if (known?.contact && known.contact !== contact) lose(); // expired or erased: this is somebody new
    token = answer.session_token;
    memory.amend({ token, contact });
    if (answer.settings.asks) void import('./Seen.ts').then((m) => (page = m.seen(answer)));
    onSession(answer);
    return token;
  };

  const ensure = async (): Promise<string> => {
    if (token) return token;
    starting ??= start().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const drop = (bad: string) => {
    if (token !== bad) return; // another request has seen to it
    const kept = memory.saved()?.token;
    token = kept === bad ? undefined : kept; // another tab may hold a newer one
    if (kept === bad) lose();
  };

  /**
   * A session that the server no longer knows is dropped, a new one started, and the request made once more. But where
   * proof of identity is refused, it is the proof that is wrong.
   */
  const authorised = async (path: string, init: RequestInit): Promise<Response> => {
    for (let again = false; ; again = true) {
      const bearer = await ensure();
      const response = await send(path, init, bearer);
      if (response.ok) return response;
      if (response.status !== 401 || again || path === 'identify') throw await fromResponse(response);
      drop(bearer);
    }
  };

  return {
    token: () => token,
    adopt: (other) => {
      token = other;
    },
    ensure,
    authorised,
    call: async (method, path, body) => {
      const response = await authorised(path, json(method, body));
      return response.status === 204 ? undefined : response.json().catch(unreached);
    },
    stream: (lastId, signal) =>
      authorised('stream', { headers: lastId ? { 'last-event-id': lastId } : {}, signal, cache: 'no-store' }),
  };
}

function json(method: string, body?: unknown): RequestInit {
  return body
    ? { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...page } }
    : { method };
}

function unreached(): never {
  throw new Failure('network', 'No network.');
}

import type { Server } from './server.ts';

export interface Account {
  email: string;
  password: string;
}

interface Session {
  csrf_token: string;
  operator: { id: string; name: string };
  workspace: { id: string; key: string; slug: string; name: string };
}

export interface Message {
  id: string;
  body: string;
  type: string;
  author: { type: string; name: string };
}

/** Asks for JSON, and says plainly what the server answered where it refused. */
async function call<T>(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** An operator's session over the REST API: to set a scene, and to see what the server holds. */
export class Api {
  private constructor(
    private readonly server: Server,
    readonly session: Session,
    /** The session's cookie, as a browser sends it. */
    readonly cookie: string,
  ) {}

  static async signIn(server: Server, { email, password }: Account): Promise<Api> {
    const response = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    return new Api(server, (await response.json()) as Session, cookie);
  }

  call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { cookie: this.cookie, 'x-csrf-token': this.session.csrf_token };
    return call<T>(method, `${this.server.url}/api/v1/${path}`, headers, body);
  }

  reply(conversation: string, body: string, type = 'reply'): Promise<Message> {
    return this.call('POST', `conversations/${conversation}/messages`, { body, type });
  }

  /** What was said, oldest first, as [who, what]. */
  async said(conversation: string): Promise<string[][]> {
    const page = await this.call<{ data: Message[] }>(
      'GET',
      `conversations/${conversation}/messages?limit=100`,
    );
    return page.data.toReversed().map(({ author, body }) => [author.type, body]);
  }

  /** Makes a contact, as an operator enters one by hand. */
  contact(name: string, email: string): Promise<{ id: string }> {
    const basis = { purpose: 'support', lawful_basis: 'legitimate_interests', evidence: 'end-to-end test' };
    return this.call('POST', 'contacts', { name, email, basis });
  }
}

/** A visitor without a browser, as the widget would speak for them. */
export async function writeAsVisitor(
  server: Server,
  workspaceKey: string,
  body: string,
): Promise<{ conversation: string; contact: string }> {
  const base = `${server.url}/widget/v1`;
  const { session_token } = await call<{ session_token: string }>(
    'POST',
    `${base}/sessions`,
    {},
    {
      workspace_key: workspaceKey,
      locale: 'en',
    },
  );
  const headers = { authorization: `Bearer ${session_token}` };
  const made = await call<{ id: string; message: { author: { id: string } } }>(
    'POST',
    `${base}/conversations`,
    headers,
    { body },
  );
  return { conversation: made.id, contact: made.message.author.id };
}

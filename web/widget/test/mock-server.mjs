/**
 * A stand-in for the server that speaks the /widget/v1 routes, with everything in memory: for trying the widget
 * without the Go binary, and for the browser tests. `npm run mock -w widget`, then open the address it prints.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const DIST = resolve(here, '../../../internal/widget/dist');
const WORDING =
  'Send me replies to my messages by e-mail when I am not on this website. I can withdraw this at any time.';

export const SETTINGS = {
  workspace: { name: 'Fernweh Reisen', slug: 'fernweh' },
  color: '#0f766e',
  position: 'right',
  greeting: 'Hello! Ask us anything about your journey.\nWe usually answer within the hour.',
  notice: { url: '/privacy/fernweh', text: '', version: 3 },
  purposes: [{ key: 'email_replies', name: 'Replies by e-mail', wording: WORDING, version: 2 }],
  consents: {},
};

/** The page that carries the widget, under a strict policy: a breach of it shows as a missing widget. */
const page = (lang, attributes) => `<!doctype html><html lang="${lang}"${lang === 'ar' ? ' dir="rtl"' : ''}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Fernweh</title>
<link rel="stylesheet" href="/page.css"></head>
<body><main><h1>Fernweh Reisen</h1><p>Slow journeys by train, ferry and foot. Write to us with the button in the corner.</p>
<p>Every trip is planned by somebody who has been there.</p><p><a href="#trips">See the trips</a></p></main>
<script async src="/widget.js" data-workspace="wk_demo"${attributes}></script></body></html>`;
const PAGE_CSS = `body{margin:0;font:18px/1.6 Georgia,serif;color-scheme:light dark;background:light-dark(#fff,#101010);color:light-dark(#222,#ddd)}
main{max-width:640px;margin:12vh auto;padding:0 24px}h1{font-size:44px;line-height:1.1}`;
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'";

const RIGHTS = ['access', 'rectification', 'erasure', 'restriction', 'portability', 'objection'];
const MESSAGES = /^\/widget\/v1\/conversations\/([^/]+)\/messages$/;
const READ = /^\/widget\/v1\/conversations\/([^/]+)\/read$/;

/** A server of its own state. `port` 0 takes a free one. */
export class MockServer {
  settings = structuredClone(SETTINGS);
  conversations = [];
  messages = [];
  /** Kinds of rights that were asked for. */
  asked = [];
  sessions = new Map();
  people = new Map();
  consents = [];
  erased = new Set();
  /** Every request as `METHOD path`, for tests that count. */
  log = [];
  events = [];
  streams = new Set();
  /** While set, requests to the API are answered by cutting the line. */
  down = false;
  #count = 0;

  constructor() {
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  async start(port = 0) {
    await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async stop() {
    this.cut();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Breaks every stream, as a lost connection does. */
  cut() {
    for (const stream of this.streams) stream.response.destroy();
    this.streams.clear();
  }

  /** Erases a person as the server does: reading finds nothing, writing finds the session ended. */
  erase(contact) {
    this.erased.add(contact);
    this.conversations = this.conversations.filter((one) => one.contact !== contact);
    this.messages = this.messages.filter(({ conversation_id }) =>
      this.conversations.some(({ id }) => id === conversation_id),
    );
    this.people.delete(contact);
    this.cut();
  }

  id(prefix) {
    this.#count += 1;
    return `${prefix}_${Date.now().toString(32)}${String(this.#count).padStart(8, '0')}`;
  }

  now() {
    return new Date().toISOString().replace('Z', '000Z');
  }

  /** Writes as an operator. */
  answer(conversation, body, name = 'Mara', at = this.now()) {
    return this.#add(conversation, { type: 'operator', id: 'opr_1', name }, body, '', at);
  }

  typing(conversation, name = 'Mara') {
    const author = { type: 'operator', id: 'opr_1', name };
    this.#send(
      conversation.contact,
      `event: typing\ndata: ${JSON.stringify({ conversation_id: conversation.id, author })}\n\n`,
    );
  }

  /** The operator has read what is there. */
  seen(conversation) {
    conversation.operator_read_at = this.now();
    this.#publish(conversation.contact, 'conversation.updated', { conversation: this.#view(conversation) });
  }

  begin(contact, body, at = this.now(), clientId = '') {
    const conversation = {
      id: this.id('cnv'),
      contact,
      state: 'open',
      contact_read_at: null,
      operator_read_at: null,
      created_at: at,
      updated_at: at,
    };
    this.conversations.push(conversation);
    const message = this.#add(conversation, { type: 'contact', id: contact, name: '' }, body, clientId, at);
    return { conversation, message };
  }

  #add(conversation, author, body, clientId, at = this.now()) {
    const message = {
      id: this.id('msg'),
      conversation_id: conversation.id,
      type: 'reply',
      author,
      body,
      client_id: clientId,
      attachments: [],
      created_at: at,
      redacted_at: null,
    };
    this.messages.push(message);
    conversation.updated_at = at;
    if (author.type === 'contact') conversation.contact_read_at = at;
    this.#publish(conversation.contact, 'message.created', {
      conversation_id: conversation.id,
      contact_id: conversation.contact,
      message,
    });
    return message;
  }

  #view(conversation) {
    const { contact, ...view } = conversation;
    const own = this.messages.filter((message) => message.conversation_id === conversation.id);
    const last = own.at(-1);
    return {
      ...view,
      message_count: own.length,
      unread_count: own.filter(
        ({ author, created_at }) =>
          author.type !== 'contact' && created_at > (conversation.contact_read_at ?? ''),
      ).length,
      last_message: last && {
        id: last.id,
        author_type: last.author.type,
        preview: last.body.slice(0, 140),
        created_at: last.created_at,
      },
    };
  }

  #publish(contact, type, data) {
    const sequence = this.events.length + 1;
    const frame = `id: ${sequence}\nevent: ${type}\ndata: ${JSON.stringify({ id: `evt_${sequence}`, type, sequence, data })}\n\n`;
    this.events.push({ contact, frame, sequence });
    this.#send(contact, frame);
  }

  #send(contact, frame) {
    for (const stream of this.streams) if (stream.contact === contact) stream.response.write(frame);
  }

  async #serve(request, response) {
    const url = new URL(request.url, 'http://x');
    const path = url.pathname;
    if (!path.startsWith('/widget/v1/')) return this.#file(path, url, response);
    this.log.push(`${request.method} ${path}`);
    if (this.down) return request.socket.destroy();
    let text = '';
    for await (const piece of request) text += piece;
    const body = text ? JSON.parse(text) : {};
    const bearer = request.headers.authorization?.replace('Bearer ', '');
    const contact = this.sessions.get(bearer);
    const answer = (status, value) => {
      response.writeHead(status, {
        'content-type': status < 400 ? 'application/json' : 'application/problem+json',
        'access-control-allow-origin': '*',
      });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    const problem = (status, code, detail) => answer(status, { status, code, detail });

    if (path === '/widget/v1/sessions') {
      const token = this.id('tok');
      const person = contact && !this.erased.has(contact) ? contact : this.id('con');
      this.sessions.set(token, person);
      return answer(200, { session_token: token, contact: this.#contact(person), settings: this.settings });
    }
    const ended =
      request.method === 'POST' && /conversations$|identify$/.test(path) && this.erased.has(contact);
    if (!contact || ended) return problem(401, 'unauthorized', 'The session has ended.');
    if (path === '/widget/v1/stream') return this.#stream(request, response, contact);
    const own = this.conversations.filter((one) => one.contact === contact);
    if (path === '/widget/v1/conversations' && request.method === 'GET') {
      const data = own.map((one) => this.#view(one)).sort((a, b) => (a.updated_at > b.updated_at ? -1 : 1));
      return answer(200, { data, next_cursor: null });
    }
    const repeated = body.client_id && this.messages.find(({ client_id }) => client_id === body.client_id);
    if (path === '/widget/v1/conversations') {
      if (repeated) {
        const before = this.conversations.find(({ id }) => id === repeated.conversation_id);
        return answer(200, { ...this.#view(before), message: repeated });
      }
      const { conversation, message } = this.begin(contact, body.body, undefined, body.client_id);
      return answer(201, { ...this.#view(conversation), message });
    }
    const [, id] = MESSAGES.exec(path) ?? READ.exec(path) ?? [];
    const conversation = own.find((one) => one.id === (id ?? body.conversation_id));
    if (id && !conversation) return problem(404, 'not_found', 'There is no such conversation.');
    if (READ.test(path)) {
      conversation.contact_read_at = this.now();
      this.#publish(contact, 'conversation.updated', { conversation: this.#view(conversation) });
      return answer(204);
    }
    if (id && request.method === 'GET') return answer(200, this.#page(id, url.searchParams));
    if (id) {
      if (body.body === 'refuse me') return problem(422, 'invalid', 'This message cannot be sent.');
      if (repeated) return answer(200, repeated);
      return answer(
        201,
        this.#add(conversation, { type: 'contact', id: contact, name: '' }, body.body, body.client_id),
      );
    }
    if (path === '/widget/v1/typing') return answer(204);
    if (path === '/widget/v1/identify') {
      if (body.token === 'bad') return problem(401, 'unauthorized', 'The identity token is not signed.');
      if (!body.basis && !body.token) return problem(422, 'basis_required', 'Say why you may process this.');
      this.people.set(contact, {
        email: body.email ?? '',
        name: body.name ?? '',
        verified: Boolean(body.token),
      });
      const token = this.id('tok');
      this.sessions.set(token, contact);
      return answer(200, { session_token: token, contact: this.#contact(contact) });
    }
    if (path === '/widget/v1/consents' && request.method === 'POST') {
      const state = body.action === 'grant' ? 'granted' : 'withdrawn';
      this.consents.push({ contact, ...body });
      this.settings.consents[body.purpose] = state;
      return answer(200, { purpose: body.purpose, state, version: body.version, at: this.now() });
    }
    if (path === '/widget/v1/events') return problem(409, 'nothing_held', 'Nothing is held yet.');
    if (path === '/widget/v1/privacy-requests') {
      if (!RIGHTS.includes(body.kind)) return problem(422, 'invalid', 'kind: is not one of the rights.');
      this.asked.push(body.kind);
      const state = body.kind === 'objection' ? 'received' : 'completed';
      return answer(201, { id: this.id('req'), kind: body.kind, state, due_at: this.now() });
    }
    if (path.startsWith('/widget/v1/privacy-requests/')) return answer(200, { zip: true });
    return problem(404, 'not_found', 'There is no such route.');
  }

  #contact(id) {
    const person = this.people.get(id);
    const known = person || this.conversations.some(({ contact }) => contact === id);
    return known ? { id, name: '', email: '', verified: false, ...person } : null;
  }

  #page(id, query) {
    const limit = Number(query.get('limit') ?? 25);
    const cursor = query.get('cursor');
    const newest = this.messages.filter(({ conversation_id }) => conversation_id === id).reverse();
    const from = cursor ? newest.findIndex((message) => message.id === cursor) + 1 : 0;
    const data = newest.slice(from, from + limit);
    return { data, next_cursor: newest.length > from + limit ? data.at(-1).id : null };
  }

  #stream(request, response, contact) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const last = Number(request.headers['last-event-id'] ?? this.events.length);
    response.write(`event: hello\ndata: {"sequence":${this.events.length}}\n\n`);
    for (const event of this.events) {
      if (event.contact === contact && event.sequence > last) response.write(event.frame);
    }
    const stream = { contact, response };
    this.streams.add(stream);
    response.on('close', () => this.streams.delete(stream));
  }

  #file(path, url, response) {
    const types = { '.js': 'text/javascript', '.css': 'text/css' };
    if (path === '/page.css') return response.writeHead(200, { 'content-type': 'text/css' }).end(PAGE_CSS);
    if (path === '/') {
      const attributes = url.searchParams.get('attributes') ?? '';
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': CSP });
      return response.end(page(url.searchParams.get('lang') ?? 'en', attributes && ` ${attributes}`));
    }
    if (path !== '/widget.js' && !/^\/widget\/assets\/[\w.-]+\.js$/.test(path))
      return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(path)], 'access-control-allow-origin': '*' });
    return response.end(readFileSync(resolve(DIST, path.replace(/^\/(widget\/)?/, ''))));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await new MockServer().start(Number(process.env.PORT ?? 8090));
  process.stdout.write(`${server.url}\n`);
}

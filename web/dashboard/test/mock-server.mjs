/*
 * A stand-in for the server, for looking at screens without it: node test/mock-server.mjs [--port 4600] [--empty] [--setup]
 * It keeps everything in memory, serves the built dashboard with the real content security policy, and speaks the same
 * JSON and the same live stream. With --chatty, visitors write by themselves. It proves nothing about the real server.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoData } from './mock-data.mjs';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const dist = fileURLToPath(new URL('../../../internal/dashboard/dist/', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const problem = (status, code, detail, errors) => ({
  status,
  type: 'application/problem+json',
  body: { type: 'about:blank', title: code, status, detail, code, errors },
});
const ok = (body, status = 200, headers = {}) => ({ status, body, headers });

/** Starts a mock server and gives its address, its data and a way to end it. */
export async function startMock({ port = 0, isEmpty = false, needsSetup = false, isChatty = false } = {}) {
  const db = demoData(isEmpty);
  const state = { signedIn: false, needsSetup, failSends: false, delay: 0 };
  const streams = new Set();
  let sequence = 100;
  const past = [];

  const frame = (e) => `id: ${e.sequence}\nevent: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`;
  const emit = (type, data, actor = { type: 'system', id: '' }) => {
    const e = {
      id: `evt_${randomUUID()}`,
      type,
      workspace_id: db.workspace.id,
      sequence: ++sequence,
      occurred_at: new Date().toISOString(),
      actor,
      data,
    };
    past.push(e);
    for (const s of streams) s.write(frame(e));
  };
  const tell = (type, data) => {
    for (const s of streams) s.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  const say = (conversation, author, body, extra = {}) => {
    const at = new Date().toISOString();
    const message = {
      id: `msg_${randomUUID()}`,
      conversation_id: conversation.id,
      type: 'reply',
      author,
      body,
      client_id: '',
      attachments: [],
      created_at: at,
      redacted_at: null,
      ...extra,
    };
    db.messages[conversation.id].unshift(message);
    if (message.type === 'reply')
      conversation.last_message = {
        id: message.id,
        author_type: author.type,
        type: message.type,
        preview: body.slice(0, 140),
        created_at: at,
      };
    conversation.activity_at = at;
    conversation.message_count++;
    conversation.updated_at = at;
    if (author.type === 'contact') {
      conversation.unread_count++;
      if (conversation.state !== 'open') conversation.state = 'open';
    }
    emit('message.created', {
      conversation_id: conversation.id,
      contact_id: conversation.contact_id,
      message,
    });
    return message;
  };

  const api = { db, state, emit, tell, say, streams };
  const session = () => ({
    operator: db.me,
    workspace: db.workspace,
    workspaces: [db.workspace],
    permissions: state.permissions ?? ['*'],
    csrf_token: 'csrf',
  });
  const page = (rows, url) => {
    const limit = Number(url.searchParams.get('limit') ?? 25);
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const next = from + limit < rows.length ? String(from + limit) : null;
    return ok({ data: rows.slice(from, from + limit), next_cursor: next });
  };
  const activity = (c) => c.activity_at;
  const open = () => db.conversations.filter((c) => c.state === 'open');

  const routes = {
    'GET /setup': () => ok({ needed: state.needsSetup }),
    'POST /setup': ({ body }) => {
      if (body.token !== 'token')
        return problem(422, 'invalid', 'The token is wrong.', [
          { field: 'token', detail: 'is not the one that the server printed' },
        ]);
      if ((body.password ?? '').length < 12)
        return problem(422, 'invalid', 'Some fields need another look.', [
          { field: 'password', detail: 'needs at least 12 characters' },
          { field: 'email', detail: 'is not an address' },
        ]);
      state.needsSetup = false;
      state.signedIn = true;
      return ok(session(), 201);
    },
    'GET /session': () => (state.signedIn ? ok(session()) : problem(401, 'unauthorized', 'Sign in first.')),
    'POST /session': ({ body }) => {
      if (body.password === 'wrong') return problem(401, 'unauthorized', 'Wrong.');
      state.signedIn = true;
      return ok(session());
    },
    'DELETE /session': () => {
      state.signedIn = false;
      return ok(null, 204);
    },
    'GET /workspace': () => ok(db.workspaceFull, 200, { ETag: '"w1"' }),
    'PATCH /workspace': ({ body }) => {
      Object.assign(
        db.workspaceFull,
        { name: body.name ?? db.workspaceFull.name },
        { settings: { ...db.workspaceFull.settings, ...body.settings } },
      );
      return ok(db.workspaceFull, 200, { ETag: `"${randomUUID()}"` });
    },
    'GET /workspace/identity-secret': () => ok({ identity_secret: 'c3VwZXItc2VjcmV0LW9mLXRoZS1kZW1v' }),
    'POST /workspace/identity-secret': () => ok({ identity_secret: 'YW5vdGhlci1zZWNyZXQtb2YtdGhlLWRlbW8' }),
    'GET /operators': ({ url }) => page(db.operators, url),
    'POST /operators': ({ body }) => {
      if (!body.email?.includes('@'))
        return problem(422, 'invalid', 'Some fields need another look.', [
          { field: 'email', detail: 'is not an address' },
        ]);
      const o = {
        id: `opr_${randomUUID()}`,
        created_at: new Date().toISOString(),
        last_seen_at: null,
        name: body.name,
        email: body.email,
        role: body.role,
      };
      db.operators.push(o);
      return ok(o, 201);
    },
    'PATCH /operators/:id': ({ id, body }) =>
      ok(
        Object.assign(
          db.operators.find((o) => o.id === id),
          body,
        ),
      ),
    'DELETE /operators/:id': ({ id }) => {
      db.operators = db.operators.filter((o) => o.id !== id);
      return ok(null, 204);
    },
    'GET /webhook-endpoints': ({ url }) => page(db.webhooks, url),
    'GET /webhook-event-types': () =>
      ok({
        data: [
          ...['created', 'updated', 'merged', 'erased'].map((t) => `contact.${t}`),
          ...['granted', 'withdrawn'].map((t) => `consent.${t}`),
          ...['created', 'updated', 'assigned', 'resolved', 'reopened', 'removed'].map(
            (t) => `conversation.${t}`,
          ),
          ...['created', 'redacted'].map((t) => `message.${t}`),
          ...['created', 'due', 'completed', 'refused'].map((t) => `privacy_request.${t}`),
          'security.alert',
        ].map((type) => ({ type, permission: 'inbox:read', allowed: true })),
        next_cursor: null,
      }),
    'POST /webhook-endpoints': ({ body }) => {
      if (!body.url.startsWith('https://'))
        return problem(422, 'invalid', 'Some fields need another look.', [
          { field: 'url', detail: 'must begin with https://' },
        ]);
      const at = new Date().toISOString();
      const e = {
        id: `whk_${randomUUID()}`,
        ...body,
        state: 'on',
        off_reason: null,
        failing_since: null,
        old_secret_until: null,
        waiting: 0,
        created_at: at,
        updated_at: at,
      };
      db.webhooks.unshift(e);
      return ok({ ...e, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq=' }, 201);
    },
    'PATCH /webhook-endpoints/:id': ({ id, body }) => {
      const e = db.webhooks.find((w) => w.id === id);
      Object.assign(e, body, { off_reason: body.state === 'off' ? 'operator' : null });
      return ok(e);
    },
    'POST /webhook-endpoints/:id/test': () =>
      ok({ delivered: true, status_code: 200, error: null, duration_ms: 48 }),
    'POST /webhook-endpoints/:id/secret': () =>
      ok({
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq=',
        old_secret_until: new Date(Date.now() + 86_400_000).toISOString(),
      }),
    'GET /webhook-deliveries': ({ url }) => page(db.webhookDeliveries, url),
    'POST /webhook-deliveries/:id/replay': ({ id }) => {
      const d = db.webhookDeliveries.find((x) => x.id === id);
      return ok(Object.assign(d, { state: 'waiting', attempts: 0 }));
    },
    'GET /api-keys': ({ url }) => page(db.apiKeys, url),
    'POST /api-keys': ({ body }) => {
      const k = {
        id: `key_${randomUUID()}`,
        name: body.name,
        prefix: 'btm_9fk2',
        scopes: body.scopes,
        created_at: new Date().toISOString(),
        last_used_at: null,
        revoked_at: null,
      };
      db.apiKeys.unshift(k);
      return ok({ ...k, secret: 'btm_9fk2q7x1m4v8c3t6w0z5y2r9e1d4h7j' }, 201);
    },
    'DELETE /api-keys/:id': ({ id }) => {
      Object.assign(
        db.apiKeys.find((k) => k.id === id),
        { revoked_at: new Date().toISOString() },
      );
      return ok(null, 204);
    },
    'GET /conversations/counts': () => {
      const by = (s) => db.conversations.filter((c) => c.state === s).length;
      return ok({
        open: by('open'),
        pending: by('pending'),
        snoozed: by('snoozed'),
        resolved: by('resolved'),
        unread: db.conversations.filter((c) => c.unread_count).length,
        mine: open().filter((c) => c.assignee_id === db.me.id).length,
        unassigned: open().filter((c) => !c.assignee_id).length,
      });
    },
    'GET /conversations': ({ url }) => {
      const q = (k) => url.searchParams.get(k);
      const who = q('assignee_id') === 'me' ? db.me.id : q('assignee_id');
      const rows = db.conversations
        .filter((c) => !q('state') || c.state === q('state'))
        .filter((c) => !q('contact_id') || c.contact_id === q('contact_id'))
        .filter((c) => !who || (who === 'none' ? !c.assignee_id : c.assignee_id === who))
        .sort((a, b) => (activity(a) < activity(b) ? 1 : -1));
      return page(rows, url);
    },
    'POST /conversations': ({ body }) => {
      const contact = db.contacts.find((c) => c.id === body.contact_id);
      const c = db.newConversation(contact);
      say(c, { type: 'operator', id: db.me.id, name: db.me.name }, body.body);
      return ok(c, 201);
    },
    'GET /conversations/:id': ({ id }) => found(db.conversations.find((c) => c.id === id)),
    'PATCH /conversations/:id': ({ id, body }) => {
      const c = db.conversations.find((x) => x.id === id);
      Object.assign(c, body, {
        assignee_id: (body.assignee_id ?? c.assignee_id) || null,
        updated_at: new Date().toISOString(),
      });
      if (c.state !== 'snoozed') c.snoozed_until = null;
      emit('conversation.updated', { conversation: c });
      return ok(c);
    },
    'GET /conversations/:id/messages': ({ id, url }) =>
      db.messages[id] ? page(db.messages[id], url) : problem(404, 'not_found', 'Not here.'),
    'POST /conversations/:id/messages': ({ id, body }) => {
      if (state.failSends) return problem(503, 'storage_full', 'The disk of the server is full.');
      const known = db.messages[id].find((m) => m.client_id === body.client_id);
      if (known) return ok(known, 200);
      const c = db.conversations.find((x) => x.id === id);
      return ok(
        say(c, { type: 'operator', id: db.me.id, name: db.me.name }, body.body, {
          type: body.type ?? 'reply',
          client_id: body.client_id,
        }),
        201,
      );
    },
    'POST /conversations/:id/read': ({ id }) => {
      const c = db.conversations.find((x) => x.id === id);
      Object.assign(c, {
        unread_count: 0,
        operator_read_at: new Date().toISOString(),
        updated_at: new Date().toISOString(),
      });
      emit('conversation.updated', { conversation: c });
      return ok(null, 204);
    },
    'POST /conversations/:id/typing': () => ok(null, 204),
    'POST /search': ({ body }) => {
      const q = body.q.toLowerCase();
      const hits = db.conversations.flatMap((c) => {
        const m = db.messages[c.id].find((x) => x.body.toLowerCase().includes(q));
        return m
          ? [
              {
                kind: 'message',
                conversation_id: c.id,
                contact_id: c.contact_id,
                message_id: m.id,
                snippet: m.body,
                title: c.contact.name,
                created_at: m.created_at,
              },
            ]
          : [];
      });
      return ok({ data: hits.slice(0, 6), next_cursor: null });
    },
    'GET /contacts': ({ url }) =>
      page(
        db.contacts.filter((c) => Boolean(c.deleted_at) === (url.searchParams.get('bin') === 'true')),
        url,
      ),
    'POST /contacts/search': ({ body, url }) => {
      const q = body.q.toLowerCase();
      return page(
        db.contacts.filter((c) =>
          `${c.name} ${c.email} ${c.phone} ${c.external_id}`.toLowerCase().includes(q),
        ),
        url,
      );
    },
    'POST /contacts': ({ body }) => {
      if (body.email && !body.email.includes('@'))
        return problem(422, 'invalid', 'Some fields need another look.', [
          { field: 'email', detail: 'is not an address; write it like ada@example.com' },
        ]);
      const c = db.newContact(body.name ?? '', body.email ?? '');
      db.contacts.unshift(c);
      return ok(c, 201);
    },
    'GET /contacts/:id': ({ id }) =>
      found(
        db.contacts.find((c) => c.id === id),
        { ETag: '"c1"' },
      ),
    'PATCH /contacts/:id': ({ id, body }) => {
      if (body.email !== undefined && !body.email.includes('@'))
        return problem(422, 'invalid', 'Some fields need another look.', [
          { field: 'email', detail: 'is not an address; write it like ada@example.com' },
        ]);
      const { basis: _, ...rest } = body;
      const c = Object.assign(
        db.contacts.find((x) => x.id === id),
        rest,
      );
      emit('contact.updated', { contact: c, contact_id: id });
      return ok(c, 200, { ETag: `"${randomUUID()}"` });
    },
    'DELETE /contacts/:id': ({ id, url }) => {
      const c = db.contacts.find((x) => x.id === id);
      if (url.searchParams.get('erase') !== 'true') {
        c.deleted_at = new Date().toISOString();
        return ok(null, 204);
      }
      const n = db.conversations
        .filter((x) => x.contact_id === id)
        .reduce((sum, x) => sum + db.messages[x.id].length, 0);
      db.contacts = db.contacts.filter((x) => x.id !== id);
      db.conversations = db.conversations.filter((x) => x.contact_id !== id);
      emit('contact.erased', { contact_id: id });
      return ok({
        id: 'ers_01jdf8z6k3m9q2v7x1c4t8w0y5',
        contact_id: id,
        erased_at: new Date().toISOString(),
        rows: { contacts: 1, conversations: 1, messages: n, consents: 2, search_tokens: n * 9 },
        key_destroyed: true,
        statement:
          'Every row that belonged to this person was deleted, and the key that sealed their data was destroyed.',
        public_key: 'q0mX4v9cC3n1s8Yt2kz6hJw5eR7uP0bA3dF9gH1iKo=',
        signature: 'MEUCIQDx4mX0u3k1bq9vYb2f8o6mP5c7s0d9a1z3w4e5r6t7yQIgV8n2',
        key_id: 'receipt-2026-11',
      });
    },
    'POST /contacts/:id/restore': ({ id }) =>
      ok(
        Object.assign(
          db.contacts.find((c) => c.id === id),
          { deleted_at: null },
        ),
      ),
    'GET /contacts/:id/consents': ({ id, url }) => page(db.consents[id] ?? [], url),
    'GET /access-events': ({ url }) => page(db.access(url.searchParams.get('contact_id')), url),
    'GET /privacy/purposes': () => ok({ data: db.purposes, next_cursor: null }),
    'GET /privacy/catalogue': () => ok({ data: db.catalogue, next_cursor: null }),
    'GET /audit-events': ({ url }) => page(db.audit, url),
    'GET /audit/checkpoint': () => ok(db.checkpoint),
  };
  const found = (thing, headers) =>
    thing ? ok(thing, 200, headers) : problem(404, 'not_found', 'This is not here.');

  const match = (method, path) => {
    for (const [key, handler] of Object.entries(routes)) {
      const [m, p] = key.split(' ');
      const names = p.split('/');
      const parts = path.split('/');
      if (m !== method || names.length !== parts.length) continue;
      if (!names.every((n, i) => n === parts[i] || n.startsWith(':'))) continue;
      const at = names.findIndex((n) => n.startsWith(':'));
      return { handler, id: at < 0 ? null : parts[at] };
    }
    return null;
  };

  const stream = (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write(`event: hello\ndata: {"sequence":${sequence}}\n\n`);
    const last = req.headers['last-event-id'];
    if (last !== undefined) for (const e of past) if (e.sequence > Number(last)) res.write(frame(e));
    streams.add(res);
    for (const id of db.onlineIds)
      res.write(`event: presence\ndata: ${JSON.stringify({ contact_id: id, online: true })}\n\n`);
    const beat = setInterval(() => res.write(': hb\n\n'), 15_000);
    res.on('close', () => {
      clearInterval(beat);
      streams.delete(res);
    });
  };

  const serveFile = (res, path) => {
    const file = join(dist, normalize(path));
    const name = existsSync(file) && extname(file) ? file : join(dist, 'index.html');
    res.writeHead(200, {
      'Content-Type': types[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
    });
    createReadStream(name).pipe(res);
  };

  const server = createServer(async (req, res) => {
    const url = new URL(req.url, 'http://mock');
    if (!url.pathname.startsWith('/api/v1')) return serveFile(res, url.pathname);
    const path = url.pathname.slice('/api/v1'.length);
    const isOpen = path === '/session' || path === '/setup';
    const answer = (a) => {
      res.writeHead(a.status, { 'Content-Type': a.type ?? 'application/json', ...a.headers });
      res.end(a.body === null ? undefined : JSON.stringify(a.body));
    };
    if (!isOpen && !state.signedIn) return answer(problem(401, 'unauthorized', 'Sign in first.'));
    if (path === '/stream') return stream(req, res);
    let text = '';
    for await (const chunk of req) text += chunk;
    const hit = match(req.method, path);
    if (state.delay) await new Promise((r) => setTimeout(r, state.delay));
    answer(
      hit
        ? hit.handler({ url, id: hit.id, body: text ? JSON.parse(text) : {} })
        : problem(404, 'not_found', 'No such route.'),
    );
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  if (isChatty) {
    setInterval(() => {
      const c = db.conversations[Math.floor(Math.random() * 6)];
      tell('typing', {
        conversation_id: c.id,
        author: { type: 'contact', id: c.contact_id, name: c.contact.name },
      });
      setTimeout(
        () => say(c, { type: 'contact', id: c.contact_id, name: c.contact.name }, 'Are you still there?'),
        2000,
      );
    }, 8000).unref();
  }
  return {
    ...api,
    url: `http://127.0.0.1:${server.address().port}`,
    cut: () => {
      for (const s of streams) s.destroy();
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const has = (flag) => process.argv.includes(flag);
  const at = process.argv.indexOf('--port');
  const mock = await startMock({
    port: at > 0 ? Number(process.argv[at + 1]) : 4600,
    isEmpty: has('--empty'),
    needsSetup: has('--setup'),
    isChatty: has('--chatty'),
  });
  process.stdout.write(`${mock.url}\n`);
}

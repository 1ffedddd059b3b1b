/* Made-up people and what they say, for the mock server. */

const people = [
  ['Amina Diallo', 'amina.diallo@example.com', true],
  ['Jonas Lindqvist', 'jonas@nordlys.example', true],
  ['Mei Tanaka', 'mei.tanaka@example.jp', false],
  ['', '', false],
  ['Priya Raghunathan', 'priya.r@example.in', true],
  ['Olivier Dubois-Lefebvre', 'olivier@atelier-dubois.example', false],
  ['Sofía Herrera', 'sofia.herrera@example.es', true],
  ['Tom Okafor', 'tom@okafor.example', false],
  ['Katarzyna Nowak', 'k.nowak@example.pl', true],
  ['Ben Whitfield', '', false],
  ['Ingrid Aasen', 'ingrid@fjordkaffe.example', true],
  ['Lucas Almeida', 'lucas.almeida@example.br', false],
  ['Hannah Vogel', 'hannah.vogel@example.de', true],
];

const threads = [
  [
    'Hi! I ordered the walnut desk last Tuesday, and the tracking page still says “label created”. Is it on its way?',
    'Hello Amina, thank you for writing. Let me look it up for you.',
    'Thank you! The order number is 20418.',
    'note:Carrier lost a pallet on Wednesday, see the post in #shipping. Offer express.',
    'It left our workshop this morning: the carrier had a delay of two days. You can follow it at https://track.example.com/20418',
    'That is great news, thank you so much for the quick answer 🙏',
    'One more thing: could somebody call me before the delivery? I work from home, but the bell does not work.',
  ],
  [
    'Does the team plan include single sign-on?',
    'Yes, from five seats on.',
    'Perfect. And can we pay by invoice?',
  ],
  [
    'The export button does nothing on Safari 26. In Chrome it works.',
    'Thank you for telling us. Which version of macOS is that?',
    'macOS 26.1. The console says “Blob is not a constructor”.',
  ],
  ['do you ship to norway?'],
  [
    'Could you delete the old address from my account? I moved in May.',
    'Done, only the new one is left.',
    'Wonderful, thanks.',
  ],
  ['Bonjour, est-ce que la facture de novembre est disponible ?'],
  [
    'I love the new planner view. Is there a shortcut to jump to today?',
    'There is: press T.',
    'Of course there is. Thanks!',
  ],
  [
    'My card was charged twice this month, both on the 3rd.',
    'note:Confirmed in the ledger: double capture. Refund one.',
    'You are right, and we are sorry. The second charge is on its way back to you; it takes three to five days.',
  ],
  ['Is there a student discount?'],
  ['How do I invite a colleague who uses another e-mail domain?'],
  ['We would like 40 kg of the dark roast each month. Who do I talk to?'],
  ['The Portuguese translation of the checkout has a typo: “Endreço”.'],
  ['Can I get the data of our account as CSV?'],
];

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
let n = 0;
const nextId = (prefix) => `${prefix}_01jdf${String(n++).padStart(21, '0')}`;

export function demoData(isEmpty) {
  const me = { id: 'opr_me', name: 'Nora Berg', email: 'nora@fernhill.example', role: 'owner' };
  const workspace = { id: 'wsp_1', name: 'Fernhill Studio', slug: 'fernhill', key: 'wk_7h2m9q4x1c8v' };
  const db = {
    me,
    workspace,
    workspaceFull: {
      ...workspace,
      settings: {
        locale: 'en',
        allowed_origins: ['https://www.fernhill.example', 'https://shop.fernhill.example'],
        notice_url: '',
        default_purpose: 'support',
        color: '#0f766e',
        greeting: 'Hello! Ask us anything; a person answers, usually within minutes.',
        widget_position: 'right',
      },
      created_at: ago(60 * 24 * 90),
      updated_at: ago(600),
    },
    operators: [
      { ...me, created_at: ago(129600), last_seen_at: ago(0) },
      {
        id: 'opr_2',
        name: 'Samuel Adeyemi',
        email: 'samuel@fernhill.example',
        role: 'agent',
        created_at: ago(90000),
        last_seen_at: ago(12),
      },
      {
        id: 'opr_3',
        name: 'Clara Winter',
        email: 'clara@fernhill.example',
        role: 'privacy_officer',
        created_at: ago(80000),
        last_seen_at: ago(3000),
      },
    ],
    webhooks: [
      {
        id: 'whk_3',
        url: 'https://crm.fernhill.example/hooks/botimum',
        event_types: [
          'contact.created',
          'contact.erased',
          'contact.updated',
          'consent.granted',
          'consent.withdrawn',
          'conversation.resolved',
          'message.created',
        ],
        state: 'on',
        off_reason: null,
        failing_since: null,
        old_secret_until: null,
        waiting: 0,
        created_at: ago(50000),
        updated_at: ago(50000),
      },
      {
        id: 'whk_2',
        url: 'https://warehouse.fernhill.example/in?source=support',
        event_types: ['contact.erased', 'contact.updated', 'message.created'],
        state: 'on',
        off_reason: null,
        failing_since: ago(190),
        old_secret_until: ago(-1200),
        waiting: 14,
        created_at: ago(60000),
        updated_at: ago(60000),
      },
      {
        id: 'whk_1',
        url: 'https://newsletter.example/api/callbacks/4f1c9a',
        event_types: ['consent.granted', 'consent.withdrawn'],
        state: 'off',
        off_reason: 'failing',
        failing_since: ago(5200),
        old_secret_until: null,
        waiting: 3,
        created_at: ago(90000),
        updated_at: ago(900),
      },
    ],
    webhookDeliveries: [
      ['whk_3', 'message.created', 'delivered', 1, 200, null, 41, 2],
      ['whk_2', 'message.created', 'waiting', 3, 503, null, 212, 3],
      ['whk_3', 'contact.erased', 'delivered', 1, 204, null, 38, 9],
      ['whk_2', 'contact.erased', 'waiting', 2, null, 'egress_failed', 10001, 9],
      ['whk_3', 'contact.updated', 'delivered', 2, 200, null, 64, 31],
      ['whk_3', 'contact.created', 'failed', 10, 500, null, 90, 4400],
      ['whk_1', 'consent.withdrawn', 'dropped', 0, null, 'event_removed', null, 9000],
    ].map(([endpoint_id, event_type, state, attempts, status_code, error, duration_ms, minutes], i) => ({
      id: `whd_${i}`,
      endpoint_id,
      event_id: `evt_${i}`,
      event_type,
      sequence: 900 - i,
      contact_id: 'con_1',
      state,
      attempts,
      status_code,
      error,
      duration_ms,
      next_attempt_at: state === 'waiting' ? ago(-25) : null,
      attempted_at: attempts ? ago(minutes) : null,
      created_at: ago(minutes),
    })),
    apiKeys: [
      {
        id: 'key_1',
        name: 'Shop backend',
        prefix: 'btm_4kq8',
        scopes: ['contacts:read', 'contacts:write'],
        created_at: ago(40000),
        last_used_at: ago(3),
        revoked_at: null,
      },
      {
        id: 'key_2',
        name: 'Data warehouse',
        prefix: 'btm_1zt5',
        scopes: ['inbox:read', 'contacts:read', 'audit:read'],
        created_at: ago(70000),
        last_used_at: ago(900),
        revoked_at: null,
      },
      {
        id: 'key_3',
        name: 'Old importer',
        prefix: 'btm_8ww2',
        scopes: ['*'],
        created_at: ago(99000),
        last_used_at: null,
        revoked_at: ago(20000),
      },
    ],
    contacts: [],
    conversations: [],
    messages: {},
    consents: {},
    onlineIds: [],
    purposes: [
      {
        key: 'support',
        name: 'Answering you',
        lawful_basis: 'legitimate_interests',
        wording: '',
        version: 1,
      },
      {
        key: 'email_replies',
        name: 'Replies by e-mail',
        lawful_basis: 'consent',
        wording: 'Yes, send me the answer by e-mail when I have left this page.',
        version: 2,
      },
      {
        key: 'newsletter',
        name: 'Newsletter',
        lawful_basis: 'consent',
        wording: 'Yes, send me news about once a month.',
        version: 1,
      },
    ],
    catalogue: catalogue(),
    audit: auditEvents(me),
    checkpoint: {
      checkpoint:
        'botimum/wsp_1\n1482\nqL0mX4v9cC3n1s8Yt2kz6hJw5eR7uP0bA3dF9gH1iKo=\n\n— botimum/wsp_1 Xk3vZ9+0aPq7L2m4N8rT6yU1wE5cB3dH0jG9fS7iK2oV4xQ6zA8nM1lR5tY=\n',
      size: 1482,
      root_hash: 'qL0mX4v9cC3n1s8Yt2kz6hJw5eR7uP0bA3dF9gH1iKo=',
      verifier_key: 'botimum/wsp_1+5e2f90ab+AfY3kP8vQ1mX7cL4tN2zR9wE6uJ0hB5dS8gK3iM1oT7y',
    },
  };
  db.newContact = (name, email, verified = false) => ({
    id: nextId('con'),
    external_id: '',
    email,
    name,
    first_name: name.split(' ')[0] ?? '',
    last_name: '',
    phone: '',
    avatar_url: '',
    company_id: null,
    source: 'widget',
    deleted_at: null,
    attributes: {},
    locale: 'en',
    timezone: 'Europe/Oslo',
    created_at: ago(0),
    updated_at: ago(0),
    last_seen_at: null,
    verified,
    restricted_at: null,
    provenance: {},
  });
  db.newConversation = (contact, at = ago(0)) => {
    const c = {
      id: nextId('cnv'),
      contact_id: contact.id,
      contact: {
        id: contact.id,
        name: contact.name,
        email: contact.email,
        avatar_url: '',
        verified: contact.verified,
      },
      subject: '',
      state: 'open',
      priority: 'none',
      assignee_id: null,
      tags: [],
      channel: 'chat',
      unread_count: 0,
      contact_unread_count: 0,
      message_count: 0,
      last_message: null,
      snoozed_until: null,
      operator_read_at: null,
      contact_read_at: null,
      activity_at: at,
      created_at: at,
      updated_at: at,
    };
    db.conversations.push(c);
    db.messages[c.id] = [];
    return c;
  };
  db.access = (id) => [
    {
      id: 'acc_1',
      actor: { type: 'operator', id: me.id, name: me.name },
      contact_id: id,
      through: 'contact',
      occurred_at: ago(1),
      count: 1,
    },
    {
      id: 'acc_2',
      actor: { type: 'operator', id: 'opr_2', name: 'Samuel Adeyemi' },
      contact_id: id,
      through: 'conversation.messages',
      occurred_at: ago(190),
      count: 4,
    },
    {
      id: 'acc_3',
      actor: { type: 'api_key', id: 'key_1', name: 'Shop backend' },
      contact_id: id,
      through: 'contacts.list',
      occurred_at: ago(1500),
      count: 25,
    },
  ];
  if (isEmpty) Object.assign(db, { webhooks: [], webhookDeliveries: [] });
  if (!isEmpty) fill(db);
  return db;
}

function fill(db) {
  const minutes = [2, 9, 26, 41, 75, 140, 260, 420, 900, 1500, 2900, 4300, 7000];
  people.forEach(([name, email, verified], i) => {
    const contact = db.newContact(name, email, verified);
    Object.assign(contact, {
      created_at: ago(minutes[i] + 60 * 24 * (3 + i * 4)),
      last_seen_at: ago(minutes[i]),
      locale: ['en-GB', 'sv', 'ja', 'nb', 'en-IN', 'fr', 'es', 'en', 'pl', 'en', 'nb', 'pt-BR', 'de'][i],
      external_id: verified ? `user-${4180 + i}` : '',
      phone: i === 0 ? '+221 77 555 01 42' : '',
      attributes: i % 3 === 0 ? { plan: 'Team', orders: '7' } : {},
      provenance:
        i === 0
          ? { name: { source: 'identify', at: ago(5000) }, phone: { source: 'Samuel Adeyemi', at: ago(300) } }
          : {},
    });
    db.contacts.push(contact);
    const c = db.newConversation(contact, ago(minutes[i] + 300));
    talk(db, c, contact, threads[i], minutes[i]);
  });
  const [a, b, cc, d, e, f, g, h, , , k, l] = db.conversations;
  Object.assign(a, {
    unread_count: 2,
    assignee_id: 'opr_me',
    priority: 'high',
    tags: ['shipping', 'vip'],
    subject: 'Order 20418',
  });
  Object.assign(b, { unread_count: 1, tags: ['sales'] });
  Object.assign(cc, { assignee_id: 'opr_me', unread_count: 1, priority: 'urgent', tags: ['bug'] });
  Object.assign(d, { unread_count: 1 });
  Object.assign(e, { assignee_id: 'opr_2', state: 'resolved' });
  Object.assign(f, { tags: ['billing'] });
  Object.assign(g, { assignee_id: 'opr_me', contact_read_at: ago(250) });
  Object.assign(h, { state: 'pending', assignee_id: 'opr_me', contact_read_at: ago(1) });
  Object.assign(k, {
    state: 'snoozed',
    snoozed_until: new Date(Date.now() + 20 * 3_600_000).toISOString(),
    assignee_id: 'opr_me',
  });
  Object.assign(l, { assignee_id: 'opr_2' });
  a.contact_read_at = ago(5);
  db.onlineIds = [a.contact_id, b.contact_id, d.contact_id];
  const first = db.contacts[0].id;
  db.consents[first] = [
    {
      id: 'cns_1',
      purpose: 'email_replies',
      action: 'grant',
      wording: db.purposes[1].wording,
      wording_hash: 'a1',
      version: 2,
      source: 'widget',
      created_at: ago(4000),
    },
    {
      id: 'cns_2',
      purpose: 'newsletter',
      action: 'withdraw',
      wording: db.purposes[2].wording,
      wording_hash: 'b2',
      version: 1,
      source: 'widget',
      created_at: ago(2000),
    },
  ];
  for (let i = 0; i < 180; i++) {
    const first = ['Ada', 'Emil', 'Freya', 'Goran', 'Hiro', 'Ines', 'Jakub', 'Leila', 'Mateo', 'Nadia'][
      i % 10
    ];
    const last = ['Andersen', 'Bianchi', 'Costa', 'Demir', 'Eriksen', 'Fischer', 'García', 'Hansen', 'Ito'][
      i % 9
    ];
    const contact = db.newContact(
      `${first} ${last}`,
      `${first}.${last}${i}@example.org`.toLowerCase(),
      i % 4 === 0,
    );
    contact.created_at = ago(9000 + i * 700);
    contact.last_seen_at = ago(8000 + i * 500);
    db.contacts.push(contact);
    const c = db.newConversation(contact, ago(8000 + i * 500));
    talk(
      db,
      c,
      contact,
      ['Hello, is anybody there?', 'Yes, how can we help?', 'Found it, thank you!'],
      8000 + i * 500,
    );
    c.state = i % 3 ? 'resolved' : 'open';
  }
  const long = db.conversations[0];
  const contact = db.contacts[0];
  for (let i = 0; i < 140; i++) {
    const own = i % 3 === 1;
    db.messages[long.id].push({
      id: nextId('msg'),
      conversation_id: long.id,
      type: 'reply',
      author: own
        ? { type: 'operator', id: 'opr_2', name: 'Samuel Adeyemi' }
        : { type: 'contact', id: contact.id, name: contact.name },
      body: own
        ? `Here is what I found about question ${140 - i}.`
        : `An older question, number ${140 - i}: does the shelf fit under a sloping roof?`,
      client_id: '',
      attachments: [],
      created_at: ago(3000 + i * 120),
      redacted_at: null,
    });
  }
  long.message_count += 140;
}

function talk(db, c, contact, lines, endedAgo) {
  lines.forEach((line, i) => {
    const isNote = line.startsWith('note:');
    const isOwn = isNote || (i % 2 === 1 && i < 6);
    const body = isNote ? line.slice(5) : line;
    const author = isOwn
      ? isNote
        ? { type: 'operator', id: 'opr_2', name: 'Samuel Adeyemi' }
        : { type: 'operator', id: db.me.id, name: db.me.name }
      : { type: 'contact', id: contact.id, name: contact.name };
    if (lines.length === 7 && i === 4)
      Object.assign(author, { type: 'operator', id: db.me.id, name: db.me.name });
    if (lines.length === 7 && i >= 5)
      Object.assign(author, { type: 'contact', id: contact.id, name: contact.name });
    const at = ago(endedAgo + (lines.length - 1 - i) * 7 - (i === 6 ? 0 : 0));
    const message = {
      id: nextId('msg'),
      conversation_id: c.id,
      type: isNote ? 'note' : 'reply',
      author,
      body,
      client_id: '',
      attachments: [],
      created_at: at,
      redacted_at: null,
    };
    db.messages[c.id].unshift(message);
    c.message_count++;
    if (!isNote)
      c.last_message = {
        id: message.id,
        author_type: author.type,
        type: message.type,
        preview: body.slice(0, 140),
        created_at: at,
      };
    c.activity_at = at;
    c.updated_at = at;
  });
}

function catalogue() {
  const row = (table, column, names, category, purpose, basis, retention, sealed, whose = 'contact') => ({
    table,
    column,
    holds: names,
    whose,
    category,
    purpose,
    lawful_basis: basis,
    retention,
    recipients: [],
    sealed,
    note: '',
  });
  return [
    row(
      'contacts',
      'profile_sealed',
      ['name', 'first name', 'last name', 'avatar'],
      'identity',
      'support',
      'legitimate_interests',
      'until erased, or 24 months unseen',
      true,
    ),
    row(
      'contacts',
      'email_sealed',
      ['e-mail'],
      'contact details',
      'support',
      'legitimate_interests',
      'until erased, or 24 months unseen',
      true,
    ),
    row(
      'contacts',
      'email_token',
      ['e-mail (blind token)'],
      'contact details',
      'support',
      'legitimate_interests',
      'as the e-mail',
      false,
    ),
    row(
      'contacts',
      'attributes_sealed',
      ['attributes'],
      'custom',
      'support',
      'legitimate_interests',
      'until erased',
      true,
    ),
    row(
      'messages',
      'body_sealed',
      ['text of a message'],
      'conversation',
      'support',
      'legitimate_interests',
      '24 months after the last message',
      true,
    ),
    row(
      'conversations',
      'subject_sealed',
      ['subject'],
      'conversation',
      'support',
      'legitimate_interests',
      '24 months after the last message',
      true,
    ),
    row(
      'consents',
      'wording',
      ['wording shown'],
      'consent',
      'accountability',
      'legal_obligation',
      'three years after withdrawal',
      false,
    ),
    row(
      'operators',
      'email_sealed',
      ['e-mail'],
      'account',
      'account',
      'contract',
      'until removed',
      true,
      'operator',
    ),
    row(
      'sessions',
      'token_hash',
      ['session'],
      'technical',
      'account',
      'contract',
      '30 days',
      false,
      'operator',
    ),
  ];
}

function auditEvents(me) {
  const actions = [
    ['contact.erased', 'contact', {}],
    ['api_key.created', 'api_key', { scopes: 'contacts:read' }],
    ['operator.role_changed', 'operator', { from: 'viewer', to: 'agent' }],
    ['workspace.updated', 'workspace', { field: 'allowed_origins' }],
    ['session.created', 'operator', {}],
    ['contact.updated', 'contact', { fields: 'phone' }],
    ['consent.withdrawn', 'consent', { purpose: 'newsletter' }],
  ];
  return Array.from({ length: 60 }, (_, i) => {
    const [action, type, details] = actions[i % actions.length];
    return {
      id: `aud_${i}`,
      position: 1481 - i,
      actor:
        i % 4 === 3
          ? { type: 'api_key', id: 'key_1', name: 'Shop backend' }
          : { type: 'operator', id: me.id, name: me.name },
      action,
      target: { type, id: `${type.slice(0, 3)}_01jdf8z6k3m9q2v7x1c4t8w0${i % 10}` },
      occurred_at: ago(i * 37),
      details,
    };
  });
}

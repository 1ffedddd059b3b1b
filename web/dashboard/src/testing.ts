import type { Conversation, Envelope, Message } from './api/types';

/* Builders for tests: whole objects of which a test names only what it is about. */

export function conversation(id: string, over: Partial<Conversation> = {}): Conversation {
  return {
    id,
    contact_id: `con_${id}`,
    contact: {
      id: `con_${id}`,
      name: 'Ada',
      email: '',
      avatar_url: '',
      verified: false,
      restricted_at: null,
    },
    restricted: false,
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
    activity_at: '2026-11-24T10:00:00Z',
    created_at: '2026-11-24T10:00:00Z',
    updated_at: '2026-11-24T10:00:00Z',
    ...over,
  };
}

export function message(id: string, createdAt: string, over: Partial<Message> = {}): Message {
  return {
    id,
    conversation_id: 'c1',
    type: 'reply',
    author: { type: 'contact', id: 'con_c1', name: 'Ada' },
    body: `text of ${id}`,
    restricted: false,
    client_id: '',
    attachments: [],
    created_at: createdAt,
    redacted_at: null,
    redaction: null,
    sensitive: null,
    ...over,
  };
}

export function envelope(sequence: number, type: string, data: Envelope['data']): Envelope {
  return {
    id: `evt_${sequence}`,
    type,
    workspace_id: 'wsp_1',
    sequence,
    occurred_at: '2026-11-24T10:00:00Z',
    actor: { type: 'system', id: '' },
    data,
  };
}

/** Loaded pages of a list; `more` says that the server has others. */
export function pages<T>(items: T[][], more = false) {
  return {
    pages: items.map((data, i) => ({
      data,
      next_cursor: i < items.length - 1 || more ? `after-${i}` : null,
    })),
    pageParams: items.map((_, i) => (i ? `after-${i - 1}` : undefined)),
  };
}

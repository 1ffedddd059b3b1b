/** Things of the wire for tests, each with what matters to the test alone. */
import type { Conversation, Message } from '../src/panel/core/wire.ts';

export function message(part: Partial<Message>): Message {
  return {
    id: 'msg_1',
    conversation_id: 'cnv_1',
    author: { type: 'contact', id: 'con_1', name: '' },
    body: 'Hello',
    created_at: '2026-11-24T10:00:00Z',
    ...part,
  };
}

export function conversation(part: Partial<Conversation>): Conversation {
  return {
    id: 'cnv_1',
    state: 'open',
    unread_count: 0,
    last_message: null,
    contact_read_at: null,
    operator_read_at: null,
    created_at: '2026-11-24T09:00:00Z',
    updated_at: '2026-11-24T09:00:00Z',
    ...part,
  };
}

/** Lets promises that wait for nothing but each other run out. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

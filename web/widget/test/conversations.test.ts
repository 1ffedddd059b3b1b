import { describe, expect, it, vi } from 'vitest';
import type { Api } from '../src/panel/core/api.ts';
import { createConversations } from '../src/panel/core/conversations.ts';
import type { Events } from '../src/panel/core/events.ts';
import type { State } from '../src/panel/core/state.ts';
import type { Conversation } from '../src/panel/core/wire.ts';

const conversation = (id: string) => ({ id, unread_count: 0 }) as Conversation;

/** Conversations over a server whose answers to the list come when the test gives them. */
function setUp(known: Conversation[]) {
  const state = { thread: 'new:1', conversations: known, threads: {}, drafts: [] as unknown[] } as State;
  const answers: ((data: Conversation[]) => void)[] = [];
  const call = (_: string, path: string) =>
    path.startsWith('conversations?')
      ? new Promise((resolve) => answers.push((data) => resolve({ data })))
      : Promise.resolve({ data: [], next_cursor: null });
  const onGone = vi.fn();
  const conversations = createConversations({
    state,
    set: (change: Partial<State>) => void Object.assign(state, change),
    api: { call } as unknown as Api,
    events: { emit: () => {} } as unknown as Events,
    onMessage: () => {},
    onGone,
  } as Parameters<typeof createConversations>[0]);
  return { state, conversations, onGone, answers };
}

describe('the list of conversations', () => {
  it('is gone when the server holds none of those it had', async () => {
    const { conversations, onGone, answers } = setUp([conversation('old')]);
    const synced = conversations.sync();
    answers[0]?.([]);
    await synced;
    expect(onGone).toHaveBeenCalledOnce();
  });

  it('is asked for again when somebody new began to write while the answer was on its way', async () => {
    const { state, conversations, onGone, answers } = setUp([conversation('old')]);
    const synced = conversations.sync();
    conversations.clear();
    conversations.changed(conversation('new'));
    answers[0]?.([]);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.([conversation('new')]);
    await synced;
    expect(onGone).not.toHaveBeenCalled();
    expect(state.conversations.map(({ id }) => id)).toEqual(['new']);
  });
});

import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from '../api/keys';
import type { Conversation, Message } from '../api/types';
import { enqueue, outbox } from '../inbox/outbox';
import { conversation, envelope, message, pages } from '../testing';
import { LiveCache } from './apply';
import type { Pages } from './reduce';

const open = { state: 'open' } as const;
const mine = { state: 'open', assignee_id: 'me' } as const;
const at = (minute: number) => `2026-11-24T10:${minute}:00Z`;

function world() {
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, 'invalidateQueries');
  const fetched: string[] = [];
  const cache = new LiveCache(client, { me: () => 'me-id', viewing: () => null }, async (id) => {
    fetched.push(id);
    return conversation(id, { activity_at: at(50), unread_count: 1 });
  });
  client.setQueryData(keys.conversationList(open), pages([[conversation('c1'), conversation('c2')]]));
  client.setQueryData(keys.conversationList(mine), pages<Conversation>([[]]));
  const list = (query: object) =>
    client.getQueryData<Pages<Conversation>>(keys.conversationList(query))?.pages.flatMap((p) => p.data) ??
    [];
  const countsAsked = () => invalidate.mock.calls.filter(([f]) => f?.queryKey === keys.counts).length;
  return { client, cache, fetched, list, countsAsked };
}

describe('LiveCache', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    outbox.set([]);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('moves the conversation of a new message up without asking the server', () => {
    const { cache, list, fetched } = world();
    cache.apply(
      envelope(1, 'message.created', { message: message('m1', at(20), { conversation_id: 'c2' }) }),
    );
    expect(list(open).map((c) => [c.id, c.unread_count])).toEqual([
      ['c2', 1],
      ['c1', 0],
    ]);
    expect(fetched).toEqual([]);
  });

  it('asks for what a vote changed once, however many come', async () => {
    const { client, cache } = world();
    const invalidate = vi.spyOn(client, 'invalidateQueries');
    for (let i = 0; i < 50; i++) cache.apply(envelope(i, 'vote.added', { object_id: 'pst_1' }));
    expect(invalidate).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    expect(invalidate.mock.calls.map(([f]) => f?.queryKey)).toEqual([
      keys.boards.allOf,
      keys.boards.allPosts,
      keys.boards.allCounts,
      keys.boards.post('pst_1'),
      keys.boards.votes('pst_1'),
    ]);
  });

  it('asks for lists of people seldom while a job changes thousands, and once after the last', async () => {
    const { client, cache } = world();
    let asked = 0;
    client.setQueryDefaults(keys.contacts, { queryFn: async () => ++asked });
    const observer = new QueryObserver(client, {
      queryKey: keys.contactList('', 'all'),
      staleTime: Infinity,
    });
    const stop = observer.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(10);
    expect(asked).toBe(1); // to begin with
    for (let i = 0; i < 100; i++) {
      cache.apply(envelope(i, 'contact.updated', { contact_id: `con_${i}`, fields: ['tags'] }));
      if (i === 0) {
        await vi.advanceTimersByTimeAsync(0);
        expect(asked).toBe(2); // the first at once
      }
      await vi.advanceTimersByTimeAsync(100);
    }
    // 10 s of events: at once, then every 2 s.
    expect(asked).toBe(7);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toBe(7); // the last asked at its end
    cache.apply(envelope(101, 'contact.updated', { contact_id: 'con_1' }));
    cache.apply(envelope(102, 'contact.updated', { contact_id: 'con_2' }));
    await vi.advanceTimersByTimeAsync(1900);
    expect(asked).toBe(8);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toBe(9); // what came after the first is not forgotten
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(9);
    stop();
  });

  it('does not throw away an answer that is under way', async () => {
    const { client, cache } = world();
    let begun = 0;
    let ended = 0;
    client.setQueryDefaults(keys.contacts, {
      queryFn: async ({ signal }) => {
        begun++;
        await new Promise((done) => setTimeout(done, 5000));
        if (!signal.aborted) ended++;
        return begun;
      },
    });
    const stop = new QueryObserver(client, { queryKey: keys.contactList('', 'all'), staleTime: 0 }).subscribe(
      () => {},
    );
    await vi.advanceTimersByTimeAsync(5100);
    for (let i = 0; i < 200; i++) {
      cache.apply(envelope(i, 'contact.updated', { contact_id: `con_${i}` }));
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(20_000);
    expect(begun).toBe(ended);
    expect(begun).toBeGreaterThan(3);
    stop();
  });

  it('brings what happened to somebody who was merged to who watches the survivor', async () => {
    const { client, cache } = world();
    client.setQueryData(keys.contact('con_1'), { data: { id: 'con_1', merged_ids: ['con_2'] } });
    client.setQueryData(keys.contact('con_2'), { data: { id: 'con_1', merged_ids: ['con_2'] } }); // by a merged id
    const invalidate = vi.spyOn(client, 'invalidateQueries');
    const timelines = () =>
      invalidate.mock.calls.map(([f]) => f?.queryKey).filter((k) => k?.[0] === 'timeline');
    cache.apply(envelope(1, 'vote.added', { contact_id: 'con_2', object_id: 'pst_1' }));
    expect(timelines()).toEqual([
      ['timeline', 'con_2'],
      ['timeline', 'con_1'],
    ]);
    await vi.advanceTimersByTimeAsync(5000);
    invalidate.mockClear();
    cache.apply(envelope(2, 'contact.tracked', { contact_id: 'con_3' }));
    expect(timelines()).toEqual([['timeline', 'con_3']]);
  });

  it('asks at most twice for an unknown conversation, however many messages come in it', async () => {
    const { cache, list, fetched } = world();
    for (let i = 20; i < 25; i++) {
      cache.apply(
        envelope(i, 'message.created', { message: message(`m${i}`, at(i), { conversation_id: 'new' }) }),
      );
    }
    await vi.advanceTimersByTimeAsync(10);
    // Once for the first, and once more for what came while that was under way.
    expect(fetched).toEqual(['new', 'new']);
    expect(list(open)[0]?.id).toBe('new');
  });

  it('asks for the counts at most once a second', async () => {
    const { cache, countsAsked } = world();
    for (let i = 0; i < 200; i++) {
      cache.apply(
        envelope(i, 'conversation.updated', { conversation: conversation('c1', { updated_at: at(20) }) }),
      );
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(countsAsked()).toBe(1);
  });

  it('carries an assignment into the lists it belongs to', () => {
    const { cache, list } = world();
    cache.apply(
      envelope(1, 'conversation.assigned', {
        conversation: conversation('c2', { assignee_id: 'me-id', updated_at: at(20) }),
      }),
    );
    expect(list(mine).map((c) => c.id)).toEqual(['c2']);
    cache.apply(
      envelope(2, 'conversation.resolved', {
        conversation: conversation('c2', { state: 'resolved', updated_at: at(21) }),
      }),
    );
    expect(list(mine)).toEqual([]);
    expect(list(open).map((c) => c.id)).toEqual(['c1']);
  });

  it('does not let an old event undo what a newer answer brought', () => {
    const { cache, list } = world();
    cache.conversation(conversation('c1', { priority: 'high', updated_at: at(30) }));
    cache.apply(
      envelope(1, 'conversation.updated', {
        conversation: conversation('c1', { priority: 'low', updated_at: at(29) }),
      }),
    );
    expect(list(open).find((c) => c.id === 'c1')?.priority).toBe('high');
  });

  it('takes a sent message out of the outbox when the stream is faster than the answer', () => {
    const { cache, client } = world();
    client.setQueryData(keys.messages('c1'), pages([[message('m0', at(10))]]));
    enqueue({
      clientId: 'x1',
      conversationId: 'c1',
      type: 'reply',
      body: 'Hi',
      author: { type: 'operator', id: 'me-id', name: 'Nora' },
      createdAt: at(11),
      state: 'sending',
      problem: null,
      isPassing: false,
    });
    const sent = message('m1', at(11), { client_id: 'x1' });
    cache.apply(envelope(1, 'message.created', { message: sent }));
    cache.message(sent);
    expect(outbox.get()).toEqual([]);
    const stored = client
      .getQueryData<Pages<Message>>(keys.messages('c1'))
      ?.pages.flatMap((p) => p.data.map((m) => m.id));
    expect(stored).toEqual(['m1', 'm0']);
  });

  it('forgets an erased person everywhere', () => {
    const { cache, client, list } = world();
    client.setQueryData(keys.messages('c1'), pages([[message('m0', at(10))]]));
    client.setQueryData(keys.conversation('c1'), conversation('c1'));
    client.setQueryData(keys.contact('con_c1'), { data: { id: 'con_c1', name: 'Ada' } });
    cache.apply(envelope(1, 'contact.erased', { contact_id: 'con_c1' }));
    expect(list(open).map((c) => c.id)).toEqual(['c2']);
    const rest = JSON.stringify(
      client
        .getQueryCache()
        .getAll()
        .map((q) => q.state.data ?? null),
    );
    expect(rest).not.toContain('con_c1');
    expect(rest).not.toContain('m0');
  });
});

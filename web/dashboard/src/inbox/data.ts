import { type InfiniteData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api, type ConversationPatch, type ConversationQuery } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus, problemText } from '../api/problem';
import type { Conversation, Message, MessageType, Operator, Page } from '../api/types';
import { may } from '../app/permissions';
import { liveCache, openConversation, session } from '../app/runtime';
import { useCan } from '../app/session';
import { useTabVisible } from '../lib/hooks';
import { micros } from '../lib/time';
import { liveStatus } from '../live/state';
import { toastProblem } from '../ui/toast';
import { enqueue, fail, inTurn, type Outgoing, outbox } from './outbox';

const flat = <T>(data: InfiniteData<Page<T>> | undefined): T[] => data?.pages.flatMap((p) => p.data) ?? [];

/** A list of conversations, page by page, kept fresh by the stream. */
export function useConversations(query: ConversationQuery, isEnabled = true) {
  const result = useInfiniteQuery({
    queryKey: keys.conversationList(query),
    queryFn: ({ pageParam, signal }) => api.conversations(query, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: isEnabled,
  });
  return { ...result, items: useMemo(() => flat(result.data), [result.data]) };
}

export function useConversation(id: string) {
  return useQuery<Conversation>({
    queryKey: keys.conversation(id),
    queryFn: ({ signal }) => api.conversation(id, signal),
    placeholderData: () => liveCache.held(id),
  });
}

/** The messages of a conversation, newest first. */
export function useMessages(id: string) {
  const result = useInfiniteQuery({
    queryKey: keys.messages(id),
    queryFn: ({ pageParam, signal }) => api.messages(id, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Message>) => page.next_cursor ?? undefined,
  });
  return { ...result, items: useMemo(() => flat(result.data), [result.data]) };
}

/** The colleagues, by id, where the operator may know them. */
export function useOperators(): Operator[] {
  const isEnabled = useCan(may.readOperators);
  const { data } = useQuery({
    queryKey: keys.operators,
    queryFn: ({ signal }) => api.operators(signal),
    enabled: isEnabled,
  });
  return data?.data ?? [];
}

/** Changes a conversation: the screen answers at once, and goes back when the server refuses. */
export function usePatchConversation() {
  return useMutation({
    mutationFn: ({ conversation, patch }: { conversation: Conversation; patch: ConversationPatch }) =>
      api.patchConversation(conversation.id, patch),
    onMutate: ({ conversation, patch }) => {
      const before = liveCache.held(conversation.id) ?? conversation;
      liveCache.put({ ...before, ...patch });
      return { before };
    },
    onError: (error, _, context) => {
      if (context) liveCache.put(context.before);
      toastProblem(error);
    },
    onSuccess: (conversation) => liveCache.conversation(conversation),
  });
}

/** Tells the server that a conversation was read, once it is on screen in a visible tab. */
export function useReadOnView(conversation: Conversation | undefined): void {
  const isVisible = useTabVisible();
  const mayWrite = useCan(may.writeInbox);
  const { id, unread_count: unread } = conversation ?? {};
  useEffect(() => {
    openConversation.set(id ?? null);
    return () => openConversation.set(null);
  }, [id]);
  const lastId = conversation?.last_message?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new message is read anew.
  useEffect(() => {
    if (!id || !isVisible || !mayWrite) return;
    const held = liveCache.held(id);
    const fromContact = held?.last_message?.author_type === 'contact';
    const isUnseen =
      held?.last_message &&
      micros(held.operator_read_at ?? '1970-01-01T00:00:00Z') < micros(held.last_message.created_at);
    if (!unread && !(fromContact && isUnseen)) return;
    if (held) {
      liveCache.put({
        ...held,
        unread_count: 0,
        operator_read_at: held.last_message?.created_at ?? held.operator_read_at,
      });
    }
    if (unread) liveCache.adjustCounts((c) => ({ ...c, unread: Math.max(0, c.unread - 1) }));
    api.markRead(id).catch(() => {});
  }, [id, isVisible, mayWrite, unread, lastId]);
}

/** Sends a message: it stands in the thread at once, and stays there to be tried again when it fails. */
export async function send(conversationId: string, type: MessageType, body: string): Promise<void> {
  const me = session.get()?.operator;
  if (!me) return;
  await deliver({
    clientId: crypto.randomUUID(),
    conversationId,
    type,
    body,
    author: { type: 'operator', id: me.id, name: me.name },
    createdAt: new Date().toISOString(),
    state: 'sending',
    problem: null,
    isPassing: false,
  });
}

/** Sends what is in the outbox, under its client id: the server knows it again and stores it once. */
export async function deliver(item: Outgoing): Promise<void> {
  enqueue({ ...item, state: 'sending', problem: null });
  await inTurn(item.conversationId, () => post(item));
}

async function post(item: Outgoing): Promise<void> {
  try {
    const message = await api.send(item.conversationId, {
      body: item.body,
      type: item.type,
      client_id: item.clientId,
    });
    liveCache.message({ ...message, client_id: message.client_id || item.clientId });
  } catch (error) {
    fail(item.clientId, problemText(error), isStatus(error, 0, 401, 502, 503, 504));
  }
}

// When the line is back, what waited for it goes out, in order and under its old client ids.
liveStatus.subscribe(() => {
  if (liveStatus.get() === 'live') void deliverWaiting();
});

async function deliverWaiting(): Promise<void> {
  for (const item of outbox.get().filter((o) => o.state === 'failed' && o.isPassing)) await deliver(item);
}

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Page } from '../api/types';
import type { Author, Comment, Importance, Post } from './data';

type Schemas = components['schemas'];
export type Agreement = Schemas['Agreement'];
export type Agreed = Schemas['Agreed'];
export type How = Agreement['how'];
/** The document cannot say that an object may be null. */
export type Contribution = Omit<Schemas['Contribution'], 'comment' | 'on_behalf' | 'agreement'> & {
  comment: Comment | null;
  on_behalf: Author | null;
  agreement: Agreement | null;
};

/** How people agree to what is written down for them. */
export const hows: { id: How; label: string; said: string }[] = [
  { id: 'conversation', label: 'They agreed in this conversation', said: 'agreed in a conversation' },
  { id: 'mail', label: 'They agreed by mail', said: 'agreed by mail' },
  { id: 'phone', label: 'They agreed on the phone', said: 'agreed on the phone' },
  { id: 'in_person', label: 'They agreed in person', said: 'agreed in person' },
];

export const howSaid = (how: How): string => hows.find((h) => h.id === how)?.said ?? 'agreed';

/** What came of a conversation: posts and votes. */
export function useCameOf(conversationId: string, isEnabled: boolean) {
  return useQuery({
    queryKey: keys.boards.cameOf(conversationId),
    queryFn: async ({ signal }) => {
      const query = { conversation_id: conversationId };
      const page = await body(client.GET('/api/v1/board-agreements', { params: { query }, signal }));
      return (page.data ?? []) as Agreed[];
    },
    enabled: isEnabled,
    staleTime: 60_000,
  });
}

/** What a person wrote on boards and voted for, the latest first. */
export function useContributions(contactId: string) {
  const result = useInfiniteQuery({
    queryKey: keys.boards.contributions(contactId),
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/contacts/{id}/contributions', {
          params: { path: { id: contactId }, query: { cursor: pageParam, limit: 25 } },
          signal,
        }),
      ) as Promise<Page<Contribution>>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Contribution>) => page.next_cursor ?? undefined,
  });
  return { ...result, items: useMemo(() => result.data?.pages.flatMap((p) => p.data) ?? [], [result.data]) };
}

interface Wish {
  boardId: string;
  /** Whose it is; absent if the team writes it for itself. */
  contactId?: string | undefined;
  agreement?: Schemas['NewAgreement'] | undefined;
}

export type Making =
  | (Wish & { kind: 'post'; title: string; text: string })
  | (Wish & { kind: 'vote'; post: Post; importance?: Importance | undefined });

/** Puts what somebody said on a board: as a post, or as a vote for one that is there. */
export function useMake(onDone: (post: Post) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (m: Making): Promise<Post> =>
      m.kind === 'vote'
        ? body(
            client.PUT('/api/v1/posts/{id}/votes/{contact_id}', {
              params: { path: { id: m.post.id, contact_id: m.contactId ?? '' } },
              body: {
                ...(m.importance && { importance: m.importance }),
                ...(m.agreement && { agreement: m.agreement }),
              },
            }),
          )
        : body(
            client.POST('/api/v1/boards/{id}/posts', {
              params: { path: { id: m.boardId } },
              headers: { 'Idempotency-Key': crypto.randomUUID() },
              body: {
                title: m.title,
                ...(m.text && { body: m.text }),
                ...(m.contactId && { contact_id: m.contactId }),
                ...(m.agreement && { agreement: m.agreement }),
              },
            }),
          ),
    onSuccess: (post) => {
      for (const queryKey of [keys.boards.allOf, keys.boards.allPosts, keys.boards.allCounts]) {
        void queries.invalidateQueries({ queryKey });
      }
      onDone(post);
    },
  });
}

/** A first line for a post from what somebody wrote: its first sentence that says something, without the greeting. */
export function firstLine(text: string): string {
  const sentences = text
    .split(/(?<=[.!?…。！？])\s+|\n+/u)
    .map((s) => s.trim())
    .filter(Boolean);
  const words = (s: string) => s.split(/\s+/).length;
  const meant = sentences.find((s) => words(s) > 3 || [...s].length > 24) ?? sentences[0] ?? '';
  const bare = meant.replace(/[.!…。]+$/u, '');
  const letters = [...bare];
  if (letters.length <= 100) return bare;
  const cut = letters.slice(0, 99).join('');
  return `${cut.slice(0, cut.lastIndexOf(' ') > 60 ? cut.lastIndexOf(' ') : undefined)}…`;
}

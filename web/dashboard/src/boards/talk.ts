import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Page } from '../api/types';
import { toastProblem } from '../ui/toast';
import type { Author, Comment } from './data';

export type Reaction = components['schemas']['ReactionCount']['reaction'];
type Shown = components['schemas']['Reaction'];

/** What can be shown below a comment, in the order of the public pages. */
export const reactions: { id: Reaction; face: string; label: string }[] = [
  { id: 'thumbs_up', face: '👍', label: 'Thumbs up' },
  { id: 'heart', face: '❤️', label: 'Heart' },
  { id: 'party', face: '🎉', label: 'Celebrating' },
  { id: 'smile', face: '😄', label: 'Smiling' },
  { id: 'thinking', face: '🤔', label: 'Thinking' },
  { id: 'eyes', face: '👀', label: 'Watching' },
];

/** The counts of a comment as they are once somebody showed something, or took it back. */
export function toggled(now: Comment['reactions'], reaction: Reaction, isOn: boolean): Comment['reactions'] {
  const was = now.find((r) => r.reaction === reaction);
  if ((was?.mine ?? false) === isOn) return now;
  const count = (was?.count ?? 0) + (isOn ? 1 : -1);
  const rest = now.filter((r) => r.reaction !== reaction);
  return count < 1 ? rest : [...rest, { reaction, count, mine: isOn }].sort((a, b) => place(a) - place(b));
}

const place = (r: { reaction: Reaction }) => reactions.findIndex((one) => one.id === r.reaction);

/** Shows something below a comment, or takes it back: at once on screen, and back again when the server refuses. */
export function useReact(postId: string) {
  const queries = useQueryClient();
  const queryKey = keys.boards.comments(postId);
  return useMutation({
    mutationFn: async ({ id, reaction, isOn }: { id: string; reaction: Reaction; isOn: boolean }) => {
      const params = { path: { id, reaction } };
      if (isOn) await client.PUT('/api/v1/comments/{id}/reactions/{reaction}', { params });
      else await client.DELETE('/api/v1/comments/{id}/reactions/{reaction}', { params });
    },
    onMutate: async ({ id, reaction, isOn }) => {
      await queries.cancelQueries({ queryKey });
      queries.setQueryData<Comment[]>(queryKey, (all) =>
        all?.map((c) => (c.id === id ? { ...c, reactions: toggled(c.reactions, reaction, isOn) } : c)),
      );
    },
    onError: toastProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey }),
  });
}

/** Who showed what below a comment. */
export function useReactions(commentId: string) {
  return useQuery({
    queryKey: ['boards', 'reactions', commentId],
    queryFn: ({ signal }): Promise<Page<Shown>> =>
      body(
        client.GET('/api/v1/comments/{id}/reactions', {
          params: { path: { id: commentId }, query: { limit: 100 } },
          signal,
        }),
      ),
    staleTime: 0,
  });
}

/** Who took part in public under a post: whom a comment may name. */
export function useParticipants(postId: string, isEnabled: boolean): Author[] {
  const { data } = useQuery({
    queryKey: ['boards', 'participants', postId],
    queryFn: ({ signal }): Promise<Page<Author>> =>
      body(
        client.GET('/api/v1/posts/{id}/participants', {
          params: { path: { id: postId }, query: { limit: 100 } },
          signal,
        }),
      ),
    enabled: isEnabled,
    staleTime: 60_000,
  });
  return data?.data ?? [];
}

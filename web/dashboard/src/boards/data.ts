import {
  type InfiniteData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Answer, body, client, versioned } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Page } from '../api/types';
import { toastProblem } from '../ui/toast';

type Schemas = components['schemas'];
export type Board = Schemas['Board'];
export type BoardDraft = Schemas['NewBoard'];
export type BoardChange = Schemas['BoardChange'];
export type BoardCounts = Schemas['BoardCounts'];
export type Status = Board['statuses'][number];
export type Post = Schemas['Post'];
export type PostChange = Schemas['PostChange'];
export type Author = Schemas['Author'];
export type Comment = Schemas['Comment'];
export type CommentChange = Schemas['CommentChange'];
/** The document cannot say that an object may be null. */
export type Vote = Omit<Schemas['Vote'], 'on_behalf'> & { on_behalf: Author | null };
export type Importance = Exclude<Vote['importance'], ''>;

export type PostEdit = Omit<Schemas['PostEdit'], 'words'> & { words: Schemas['FormerWords'] | null };
export type BulkChange = Schemas['BulkChange'];
export type BulkResult = Schemas['BulkResult'];

export type Order = 'trending' | 'top' | 'new' | 'weight';
/** What a list of posts asks for. */
export interface PostQuery {
  sort?: Order | 'status';
  status?: string;
  category?: string;
  tag?: string;
  owner_id?: string;
  state?: 'published' | 'pending';
  q?: string;
}

type Cursor = string | undefined;
const byId = (id: string) => ({ path: { id } });
const once = () => ({ headers: { 'Idempotency-Key': crypto.randomUUID() } });
const flat = <T>(data: InfiniteData<Page<T>> | undefined): T[] => data?.pages.flatMap((p) => p.data) ?? [];

export function useBoard(id: string) {
  return useQuery({
    queryKey: keys.boards.one(id),
    queryFn: ({ signal }) => versioned(client.GET('/api/v1/boards/{id}', { params: byId(id), signal })),
  });
}

/** How many posts and votes a board has, by status. */
export function useCounts(id: string) {
  return useQuery({
    queryKey: keys.boards.counts(id),
    queryFn: ({ signal }) => body(client.GET('/api/v1/boards/{id}/counts', { params: byId(id), signal })),
    staleTime: 30_000,
  });
}

export function useCreateBoard(onDone: (board: Board) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: BoardDraft) => body(client.POST('/api/v1/boards', { body: draft, ...once() })),
    onSuccess: (board) => {
      void queries.invalidateQueries({ queryKey: keys.boards.list });
      onDone(board);
    },
  });
}

/** A board's posts, page by page. */
export function usePosts(boardId: string, query: PostQuery, isEnabled = true) {
  const result = useInfiniteQuery({
    queryKey: keys.boards.posts(boardId, query),
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/boards/{id}/posts', {
          params: { ...byId(boardId), query: { ...query, cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as Cursor,
    getNextPageParam: (page: Page<Post>) => page.next_cursor ?? undefined,
    placeholderData: query.q ? (old) => old : undefined,
    enabled: isEnabled,
  });
  return { ...result, items: useMemo(() => flat(result.data), [result.data]) };
}

export const readPost = (id: string, signal?: AbortSignal): Promise<Answer<Post>> =>
  versioned(client.GET('/api/v1/posts/{id}', { params: byId(id), ...(signal && { signal }) }));

export function usePost(id: string) {
  const queries = useQueryClient();
  return useQuery<Answer<Post>>({
    queryKey: keys.boards.post(id),
    queryFn: ({ signal }) => readPost(id, signal),
    placeholderData: (): Answer<Post> | undefined => {
      const held = heldPost(queries, id);
      return held && { data: held, etag: null };
    },
  });
}

type Queries = ReturnType<typeof useQueryClient>;

/** A post as some loaded list has it. */
export function heldPost(queries: Queries, id: string): Post | undefined {
  for (const [, pages] of queries.getQueriesData<InfiniteData<Page<Post>>>({
    queryKey: keys.boards.allPosts,
  })) {
    const hit = flat(pages).find((p) => p.id === id);
    if (hit) return hit;
  }
  return undefined;
}

/** Puts a post as it is now wherever it is on screen. */
function put(queries: Queries, post: Post, etag: string | null): void {
  queries.setQueryData<Answer<Post>>(keys.boards.post(post.id), { data: post, etag });
  queries.setQueriesData<InfiniteData<Page<Post>>>(
    { queryKey: keys.boards.allPosts },
    (pages) =>
      pages && {
        ...pages,
        pages: pages.pages.map((p) => ({
          ...p,
          data: p.data.map((one) => (one.id === post.id ? post : one)),
        })),
      },
  );
}

/** The lists and counts of boards are asked for anew. */
function refresh(queries: Queries, ...more: (readonly unknown[])[]): void {
  for (const queryKey of [keys.boards.allPosts, keys.boards.allCounts, keys.boards.tags, ...more]) {
    void queries.invalidateQueries({ queryKey });
  }
}

/** Changes a post: the screen answers at once, and goes back when the server refuses. */
export function usePatchPost() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ post, change, etag }: { post: Post; change: PostChange; etag?: string | null }) =>
      versioned(
        client.PATCH('/api/v1/posts/{id}', {
          params: { ...byId(post.id), header: etag ? { 'If-Match': etag } : {} },
          body: change,
        }),
      ),
    onMutate: ({ post, change }) => {
      const before = queries.getQueryData<Answer<Post>>(keys.boards.post(post.id));
      const { owner_id, estimated_on, after_id: _, ...rest } = change;
      put(
        queries,
        {
          ...post,
          ...rest,
          ...(owner_id !== undefined && { owner_id: owner_id || null }),
          ...(estimated_on !== undefined && { estimated_on: estimated_on || null }),
        },
        before?.etag ?? null,
      );
      return { before: before ?? { data: post, etag: null } };
    },
    onError: (error, { etag }, context) => {
      if (context) put(queries, context.before.data, context.before.etag);
      if (etag === undefined) toastProblem(error); // a form tells it itself
    },
    onSuccess: ({ data, etag }) => {
      put(queries, data, etag);
      refresh(queries, [...keys.boards.post(data.id), 'history']);
    },
  });
}

export function useCreatePost(boardId: string, onDone: (post: Post) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: Schemas['NewPost']) =>
      body(client.POST('/api/v1/boards/{id}/posts', { params: byId(boardId), body: draft, ...once() })),
    onSuccess: (post) => {
      refresh(queries);
      onDone(post);
    },
  });
}

export const removePost = (id: string) => body(client.DELETE('/api/v1/posts/{id}', { params: byId(id) }));

export function useRemovePost(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: removePost,
    onSuccess: (_, id) => {
      queries.removeQueries({ queryKey: keys.boards.post(id), type: 'inactive' });
      refresh(queries);
      onDone();
    },
  });
}

/** Merges a post into another one, or takes it out again. */
export function useMergePost(onDone: (survivor: Post) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, into }: { id: string; into: string }) =>
      body(client.POST('/api/v1/posts/{id}/merge', { params: byId(id), body: { post_id: into }, ...once() })),
    onSuccess: (survivor) => {
      refresh(queries, keys.boards.anyPost);
      onDone(survivor);
    },
  });
}

export function useUnmergePost() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(client.POST('/api/v1/posts/{id}/unmerge', { params: byId(id) })),
    onSuccess: () => refresh(queries, keys.boards.anyPost),
    onError: toastProblem,
  });
}

/** The tags of a board's posts, as many as are worth a menu. */
export function usePostTags(boardId: string) {
  return useQuery({
    queryKey: [...keys.boards.tags, boardId],
    queryFn: ({ signal }) =>
      body(
        client.GET('/api/v1/boards/{id}/tags', {
          params: { ...byId(boardId), query: { limit: 100 } },
          signal,
        }),
      ),
    select: (page) => [...page.data].sort((a, b) => b.posts - a.posts),
    staleTime: 30_000,
  });
}

/** What was changed of a post, newest first. */
export function useHistory(postId: string, isEnabled: boolean) {
  const result = useInfiniteQuery({
    queryKey: [...keys.boards.post(postId), 'history'],
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/posts/{id}/history', {
          params: { ...byId(postId), query: { cursor: pageParam, limit: 20 } },
          signal,
        }),
      ) as Promise<Page<PostEdit>>,
    initialPageParam: undefined as Cursor,
    getNextPageParam: (page: Page<PostEdit>) => page.next_cursor ?? undefined,
    enabled: isEnabled,
    staleTime: 0,
  });
  return { ...result, items: useMemo(() => flat(result.data), [result.data]) };
}

/** Changes several posts in one go; the answer says what became of each. */
export const changePosts = async (boardId: string, change: BulkChange): Promise<BulkResult[]> => {
  const { results } = await body(
    client.POST('/api/v1/boards/{id}/posts/bulk', { params: byId(boardId), body: change, ...once() }),
  );
  return results;
};

/** Who voted for a post. */
export function useVotes(postId: string, isEnabled: boolean) {
  const result = useInfiniteQuery({
    queryKey: keys.boards.votes(postId),
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/posts/{id}/votes', {
          params: { ...byId(postId), query: { cursor: pageParam, limit: 25 } },
          signal,
        }),
      ) as Promise<Page<Vote>>,
    initialPageParam: undefined as Cursor,
    getNextPageParam: (page: Page<Vote>) => page.next_cursor ?? undefined,
    enabled: isEnabled,
  });
  return { ...result, items: useMemo(() => flat(result.data), [result.data]) };
}

/** Votes for somebody, or takes their vote back. */
export function useVote(postId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (v: {
      contactId: string;
      importance?: Importance | undefined;
      isTakenBack?: boolean;
    }) => {
      const params = { path: { id: postId, contact_id: v.contactId } };
      if (v.isTakenBack) await client.DELETE('/api/v1/posts/{id}/votes/{contact_id}', { params });
      else {
        await client.PUT('/api/v1/posts/{id}/votes/{contact_id}', {
          params,
          body: v.importance ? { importance: v.importance } : {},
        });
      }
    },
    onSuccess: () => refresh(queries, keys.boards.votes(postId), keys.boards.post(postId)),
    onError: toastProblem,
  });
}

/** All comments of a post, oldest first: a thread is read as a whole. */
export function useComments(postId: string) {
  return useQuery({
    queryKey: keys.boards.comments(postId),
    queryFn: async ({ signal }) => {
      const all: Comment[] = [];
      let cursor: Cursor;
      do {
        const page: Page<Comment> = await body(
          client.GET('/api/v1/posts/{id}/comments', {
            params: { ...byId(postId), query: { cursor, limit: 100 } },
            signal,
          }),
        );
        all.push(...page.data);
        cursor = page.next_cursor ?? undefined;
      } while (cursor && all.length < 1000);
      return all;
    },
  });
}

function useRefreshComments(postId: string) {
  const queries = useQueryClient();
  return () => refresh(queries, keys.boards.comments(postId), keys.boards.post(postId));
}

export function useAddComment(postId: string, onDone: () => void) {
  const refreshComments = useRefreshComments(postId);
  return useMutation({
    mutationFn: (draft: Schemas['NewComment']) =>
      body(client.POST('/api/v1/posts/{id}/comments', { params: byId(postId), body: draft, ...once() })),
    onSuccess: () => {
      refreshComments();
      onDone();
    },
  });
}

export function usePatchComment(postId: string, onDone?: () => void) {
  const refreshComments = useRefreshComments(postId);
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: CommentChange }) =>
      body(client.PATCH('/api/v1/comments/{id}', { params: byId(id), body: change })),
    onSuccess: () => {
      refreshComments();
      onDone?.();
    },
    onError: toastProblem,
  });
}

export function useRemoveComment(postId: string, onDone: () => void) {
  const refreshComments = useRefreshComments(postId);
  return useMutation({
    mutationFn: (id: string) => body(client.DELETE('/api/v1/comments/{id}', { params: byId(id) })),
    onSuccess: () => {
      refreshComments();
      onDone();
    },
  });
}

import { useQuery } from '@tanstack/react-query';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { Page } from '../api/types';
import { useSettled } from '../lib/hooks';
import type { Post } from './data';

/** The posts that a title may mean, the most alike first; typos are forgiven. */
export function useSimilar(boardId: string, title: string, isEnabled = true) {
  const asked = [...title.trim()].slice(0, 200).join('');
  const settled = useSettled(asked, 250);
  const result = useQuery({
    queryKey: keys.boards.posts(boardId, { similar: settled }),
    queryFn: async ({ signal }) => {
      const page = (await body(
        client.POST('/api/v1/boards/{id}/similar', {
          params: { path: { id: boardId } },
          body: { title: settled },
          signal,
        }),
      )) as Page<Post>;
      return page.data;
    },
    enabled: isEnabled && settled.length >= 2,
    placeholderData: (old) => old,
  });
  /** Whether the answer is about the title as it is now. */
  const isAnswered = result.isSuccess && !result.isPlaceholderData && settled === asked;
  return { ...result, isAnswered };
}

import { useQueryClient } from '@tanstack/react-query';
import { Check, CircleDot, Trash2, UserRound, X } from 'lucide-react';
import { useState } from 'react';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { useOperators } from '../inbox/data';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Menu } from '../ui/menu';
import { toast } from '../ui/toast';
import { type Board, type Post, type PostChange, removePost } from './data';
import { ownerItems, statusItems } from './menus';
import { count } from './words';

/** Does one thing after the other, and tells how far it is; those that fail are counted, and the first reason is told. */
function useEach(onDone: () => void) {
  const queries = useQueryClient();
  const [done, setDone] = useState<number | null>(null);
  const run = async (posts: Post[], act: (post: Post) => Promise<unknown>, said: string) => {
    let failed = 0;
    let reason = '';
    setDone(0);
    for (const post of posts) {
      try {
        await act(post);
      } catch (error) {
        failed++;
        reason ||= problemText(error);
      }
      setDone((n) => (n ?? 0) + 1);
    }
    setDone(null);
    void queries.invalidateQueries({ queryKey: keys.boards.all });
    if (failed) toast(`${count(failed, 'post')} stayed as before. ${reason}`, { tone: 'problem' });
    else toast(`${count(posts.length, 'post')} ${said}.`);
    onDone();
  };
  return { done, run };
}

/** What can be done with the posts that are chosen. */
export function BulkBar({ board, posts, onClear }: { board: Board; posts: Post[]; onClear: () => void }) {
  const operators = useOperators();
  const { done, run } = useEach(onClear);
  const [open, setOpen] = useState<'status' | 'owner' | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const waiting = posts.filter((p) => p.state === 'pending');
  const change = (to: PostChange, said: string, which = posts) =>
    void run(
      which,
      (p) => body(client.PATCH('/api/v1/posts/{id}', { params: { path: { id: p.id } }, body: to })),
      said,
    );
  const approve = () => change({ state: 'published' }, 'published', waiting);
  useCommand('post-status', () => setOpen('status'));
  useCommand('post-owner', () => setOpen('owner'));
  useCommand('post-approve', approve, waiting.length > 0);
  const menu = (id: 'status' | 'owner') => ({
    isOpen: open === id,
    onOpenChange: (is: boolean) => setOpen(is ? id : null),
  });
  return (
    <section
      aria-label="With the chosen posts"
      className="flex flex-wrap items-center gap-1.5 border-t border-line bg-surface px-3 py-2"
    >
      <span role="status" className="mr-auto text-sm font-medium tabular-nums">
        {done === null ? `${posts.length} chosen` : `${done} of ${posts.length} done`}
      </span>
      {waiting.length > 0 && (
        <Button size="sm" look="primary" icon={<Check size={14} />} onPress={approve}>
          Approve
        </Button>
      )}
      <Menu
        label="Status"
        placement="top start"
        {...menu('status')}
        groups={[{ id: 'status', items: statusItems(board, '', (status) => change({ status }, 'moved')) }]}
        trigger={
          <Button size="sm" icon={<CircleDot size={14} />}>
            Status
          </Button>
        }
      />
      <Menu
        label="Owner"
        placement="top start"
        {...menu('owner')}
        groups={[
          {
            id: 'owner',
            items: ownerItems(operators, undefined, (owner_id) => change({ owner_id }, 'changed')),
          },
        ]}
        trigger={
          <Button size="sm" icon={<UserRound size={14} />}>
            Owner
          </Button>
        }
      />
      <IconButton label="Delete" onPress={() => setRemoving(true)}>
        <Trash2 size={15} />
      </IconButton>
      <IconButton label="Choose none" onPress={onClear}>
        <X size={15} />
      </IconButton>
      {isRemoving && (
        <Dialog
          title={`Delete ${count(posts.length, 'post')}?`}
          isOpen
          isAlert
          onClose={() => setRemoving(false)}
          footer={
            <>
              <Button onPress={() => setRemoving(false)}>Keep</Button>
              <Button
                look="loss"
                onPress={() => {
                  setRemoving(false);
                  void run(posts, (p) => removePost(p.id), 'deleted');
                }}
              >
                Delete
              </Button>
            </>
          }
        >
          <p className="text-ink-soft">Their votes and comments go, too. This cannot be undone.</p>
        </Dialog>
      )}
    </section>
  );
}

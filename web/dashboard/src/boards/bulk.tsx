import { useQueryClient } from '@tanstack/react-query';
import { Check, CircleDot, Tag as TagIcon, Trash2, UserRound, X } from 'lucide-react';
import { useState } from 'react';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { useOperators } from '../inbox/data';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { Menu } from '../ui/menu';
import { toast } from '../ui/toast';
import { chosenPosts } from './choosing';
import { type Board, type BulkChange, changePosts, type Post, removePost, usePostTags } from './data';
import { categoryItems, ownerItems, statusItems } from './menus';
import { count } from './words';

/** Why a post stayed as it was. */
type Stayed = ReadonlyMap<string, string>;

const atOnce = 100;

/** Does something with all that are chosen, and keeps those chosen where it could not be done, with the reason of each. */
function useTogether(board: Board, onDone: () => void) {
  const queries = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [stayed, setStayed] = useState<Stayed>(new Map());
  const run = async (posts: Post[], act: (posts: Post[]) => Promise<Stayed>, said: string) => {
    setBusy(true);
    let why: Stayed = new Map();
    try {
      why = await act(posts);
      const n = posts.length - why.size;
      if (n) toast(`${count(n, 'post')} ${said}.`);
    } catch (error) {
      why = new Map(posts.map((p) => [p.id, problemText(error)]));
    }
    setBusy(false);
    setStayed(why);
    void queries.invalidateQueries({ queryKey: keys.boards.all });
    if (why.size) chosenPosts.set(new Set(why.keys()));
    else onDone();
  };
  const change = (posts: Post[], to: Omit<BulkChange, 'post_ids'>, said: string) =>
    run(
      posts,
      async (all) => {
        const why = new Map<string, string>();
        for (let at = 0; at < all.length; at += atOnce) {
          const post_ids = all.slice(at, at + atOnce).map((p) => p.id);
          for (const r of await changePosts(board.id, { post_ids, ...to })) {
            if (!r.done) why.set(r.id, r.detail);
          }
        }
        return why;
      },
      said,
    );
  const remove = (posts: Post[]) =>
    run(
      posts,
      async (all) => {
        const why = new Map<string, string>();
        for (const p of all) await removePost(p.id).catch((error) => why.set(p.id, problemText(error)));
        return why;
      },
      'deleted',
    );
  return { isBusy, stayed, change, remove };
}

/** What can be done with the posts that are chosen. */
export function BulkBar({ board, posts, onClear }: { board: Board; posts: Post[]; onClear: () => void }) {
  const operators = useOperators();
  const { isBusy, stayed, change: changeThem, remove } = useTogether(board, onClear);
  const [open, setOpen] = useState<'status' | 'owner' | 'category' | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const waiting = posts.filter((p) => p.state === 'pending');
  const failed = posts.filter((p) => stayed.has(p.id));
  const change = (to: Omit<BulkChange, 'post_ids'>, said: string, which = posts) =>
    void changeThem(which, to, said);
  const approve = () => change({ state: 'published' }, 'published', waiting);
  useCommand('post-status', () => setOpen('status'));
  useCommand('post-owner', () => setOpen('owner'));
  useCommand('post-approve', approve, waiting.length > 0);
  const menu = (id: 'status' | 'owner' | 'category') => ({
    isOpen: open === id,
    onOpenChange: (is: boolean) => setOpen(is ? id : null),
  });
  return (
    <section
      aria-label="With the chosen posts"
      className="flex flex-wrap items-center gap-1.5 border-t border-line bg-surface px-3 py-2"
    >
      {failed.length > 0 && (
        <div
          role="alert"
          className="max-h-40 w-full overflow-y-auto rounded-md bg-loss-soft px-3 py-2 text-sm"
        >
          <p className="font-medium text-loss-text">
            {count(failed.length, 'post')} stayed as {failed.length === 1 ? 'it was' : 'they were'}
          </p>
          <ul className="mt-1 space-y-0.5 text-ink-soft">
            {failed.map((p) => (
              <li key={p.id} className="wrap-anywhere">
                {p.title}: {stayed.get(p.id)}
              </li>
            ))}
          </ul>
        </div>
      )}
      <span role="status" className="mr-auto text-sm font-medium tabular-nums">
        {isBusy ? 'Changing…' : `${posts.length} chosen`}
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
      {board.categories.length > 0 && (
        <Menu
          label="Category"
          placement="top start"
          {...menu('category')}
          groups={[
            {
              id: 'category',
              items: categoryItems(board, undefined, (category) => change({ category }, 'changed')),
            },
          ]}
          trigger={<Button size="sm">Category</Button>}
        />
      )}
      <TagButton board={board} posts={posts} onChange={change} />
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
                  void remove(posts);
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

interface TagButtonProps {
  board: Board;
  posts: Post[];
  onChange: (to: Omit<BulkChange, 'post_ids'>, said: string) => void;
}

/** Gives all that are chosen a tag, or takes one away. */
function TagButton({ board, posts, onChange }: TagButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const known = usePostTags(board.id).data ?? [];
  const held = [...new Set(posts.flatMap((p) => p.tags))].sort();
  const tag = text.trim().toLowerCase();
  const close = () => {
    setOpen(false);
    setText('');
  };
  const give = () => {
    if (!tag) return;
    close();
    onChange({ add_tags: [tag] }, 'tagged');
  };
  return (
    <>
      <Button size="sm" icon={<TagIcon size={14} />} onPress={() => setOpen(true)}>
        Tag
      </Button>
      {isOpen && (
        <Dialog
          title={`Tags of ${count(posts.length, 'post')}`}
          isOpen
          onClose={close}
          footer={
            <>
              <Button onPress={close}>Cancel</Button>
              <Button look="primary" isDisabled={!tag} onPress={give}>
                Give it to all
              </Button>
            </>
          }
        >
          <TextField
            label="A tag for all of them"
            autoFocus
            autoComplete="off"
            maxLength={50}
            list="tags-of-many"
            value={text}
            onChange={(e) => setText(e.target.value)}
            onKeyDown={(e) => {
              if (e.key !== 'Enter') return;
              e.preventDefault();
              give();
            }}
          />
          <datalist id="tags-of-many">
            {known.map((k) => (
              <option key={k.tag} value={k.tag} />
            ))}
          </datalist>
          {held.length > 0 && (
            <div className="mt-4">
              <p className="mb-1.5 text-sm font-medium">Take one away from all</p>
              <div className="flex flex-wrap gap-1.5">
                {held.map((t) => (
                  <Button
                    key={t}
                    size="sm"
                    onPress={() => {
                      close();
                      onChange({ remove_tags: [t] }, 'changed');
                    }}
                  >
                    {t}
                  </Button>
                ))}
              </div>
            </div>
          )}
        </Dialog>
      )}
    </>
  );
}

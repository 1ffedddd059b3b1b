import { ChevronDown } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { useCommand } from '../app/commands';
import { useOperators } from '../inbox/data';
import { useStore } from '../lib/store';
import { Menu, type MenuChoice } from '../ui/menu';
import { chosenPosts } from './choosing';
import { type Board, type Post, type PostChange, usePatchPost } from './data';
import { categoryItems, ownerItems, statusItems } from './menus';
import { Dot } from './parts';
import { Tags } from './tags';
import { dayText } from './words';

interface Props {
  board: Board;
  post: Post;
  mayWrite: boolean;
  isWide: boolean;
}

/** How a post stands: its status, who looks after it, when it is expected. */
export function Facts({ board, post, mayWrite, isWide }: Props) {
  const patch = usePatchPost();
  const operators = useOperators();
  const [open, setOpen] = useState<'status' | 'owner' | 'category' | null>(null);
  const change = (to: PostChange) => patch.mutate({ post, change: to });
  const status = board.statuses.find((s) => s.key === post.status);
  const owner = operators.find((o) => o.id === post.owner_id);
  const isChoosing = useStore(chosenPosts, (all) => all.size > 0);
  useCommand('post-status', () => setOpen('status'), mayWrite && !isChoosing);
  useCommand('post-owner', () => setOpen('owner'), mayWrite && !isChoosing);
  const menu = (id: 'status' | 'owner' | 'category') => ({
    isOpen: open === id,
    onOpenChange: (is: boolean) => setOpen(is ? id : null),
  });
  return (
    <section aria-label="How it stands">
      <dl
        className={
          isWide
            ? 'space-y-4'
            : 'grid grid-cols-2 gap-x-4 gap-y-3 rounded-md border border-line p-3 sm:grid-cols-4'
        }
      >
        <Fact label="Status">
          <Choice
            label={`Status: ${status?.name ?? post.status}`}
            mayWrite={mayWrite}
            items={statusItems(board, post.status, (key) => change({ status: key }))}
            {...menu('status')}
          >
            {status && <Dot color={status.color} />}
            <span className="truncate">{status?.name ?? post.status}</span>
          </Choice>
        </Fact>
        <Fact label="Owner">
          <Choice
            label={`Owner: ${owner?.name ?? 'nobody'}`}
            mayWrite={mayWrite}
            items={ownerItems(operators, post.owner_id, (id) => change({ owner_id: id }))}
            {...menu('owner')}
          >
            <span className={`truncate ${post.owner_id ? '' : 'text-ink-faint'}`}>
              {owner?.name ?? (post.owner_id ? 'A colleague' : 'Nobody')}
            </span>
          </Choice>
        </Fact>
        <Fact label="Expected on">
          <Day post={post} mayWrite={mayWrite} onChange={(estimated_on) => change({ estimated_on })} />
        </Fact>
        <Fact label="Category">
          {board.categories.length > 0 ? (
            <Choice
              label={`Category: ${post.category || 'none'}`}
              mayWrite={mayWrite}
              items={categoryItems(board, post.category, (category) => change({ category }))}
              {...menu('category')}
            >
              <span className={`truncate ${post.category ? '' : 'text-ink-faint'}`}>
                {post.category || 'None'}
              </span>
            </Choice>
          ) : (
            <Category
              key={post.category}
              value={post.category}
              mayWrite={mayWrite}
              onChange={(category) => change({ category })}
            />
          )}
        </Fact>
        <Tags board={board} post={post} mayWrite={mayWrite} onChange={(tags) => change({ tags })} />
      </dl>
    </section>
  );
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="mb-1 text-xs text-ink-faint">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const box =
  'flex h-8 w-full min-w-0 items-center gap-2 rounded-md border border-line px-2.5 text-left text-sm transition-colors';

interface ChoiceProps {
  label: string;
  items: MenuChoice[];
  mayWrite: boolean;
  children: ReactNode;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

function Choice({ label, items, mayWrite, children, ...open }: ChoiceProps) {
  if (!mayWrite) return <span className="flex h-8 items-center gap-2 text-sm">{children}</span>;
  return (
    <Menu
      label={label}
      {...open}
      groups={[{ id: 'choice', items }]}
      trigger={
        <AriaButton aria-label={label} className={`${box} data-[hovered]:bg-hover`}>
          {children}
          <ChevronDown size={14} aria-hidden="true" className="ml-auto shrink-0 text-ink-faint" />
        </AriaButton>
      }
    />
  );
}

interface DayProps {
  post: Post;
  mayWrite: boolean;
  onChange: (day: string) => void;
}

/** The browser's own calendar. A day is sent when it is whole. */
function Day({ post, mayWrite, onChange }: DayProps) {
  const day = post.estimated_on ?? '';
  if (!mayWrite) {
    return <span className="flex h-8 items-center text-sm">{day ? dayText(day) : 'Not said'}</span>;
  }
  return (
    <input
      key={day}
      type="date"
      aria-label="Expected on"
      defaultValue={day}
      onBlur={(e) => e.target.value !== day && onChange(e.target.value)}
      onKeyDown={(e) => {
        if (e.key === 'Enter') e.currentTarget.blur();
      }}
      className={`${box} bg-transparent hover:bg-hover ${day ? '' : 'text-ink-faint'}`}
    />
  );
}

interface CategoryProps {
  value: string;
  mayWrite: boolean;
  onChange: (value: string) => void;
}

function Category({ value, mayWrite, onChange }: CategoryProps) {
  const [text, setText] = useState(value);
  if (!mayWrite) return <span className="flex h-8 items-center text-sm">{value || 'None'}</span>;
  return (
    <input
      aria-label="Category"
      autoComplete="off"
      maxLength={60}
      placeholder="None"
      value={text}
      onChange={(e) => setText(e.target.value)}
      onBlur={() => text.trim() !== value && onChange(text.trim())}
      onKeyDown={(e) => {
        if (e.key === 'Enter') e.currentTarget.blur();
        if (e.key === 'Escape') {
          e.preventDefault();
          setText(value);
        }
      }}
      className={`${box} bg-transparent hover:bg-hover`}
    />
  );
}

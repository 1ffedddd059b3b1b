import { ArrowDownWideNarrow, ListFilter, Plus, Search, X } from 'lucide-react';
import type { KeyboardEvent, RefObject } from 'react';
import { may } from '../app/permissions';
import { useCan, useSession } from '../app/session';
import { useOperators } from '../inbox/data';
import { IconButton } from '../ui/button';
import { Menu, type MenuGroup } from '../ui/menu';
import { type Board, useCounts, usePostTags } from './data';
import { type Filters, filterCount } from './filters';
import { Dot } from './parts';
import { orders, ordersOf } from './words';

interface Props {
  board: Board;
  filters: Filters;
  onChange: (next: Filters) => void;
  text: string;
  setText: (text: string) => void;
  field: RefObject<HTMLInputElement | null>;
  onAdd: (() => void) | undefined;
}

/** Over the list: words to look for, the order, and what is left out. */
export function FilterBar({ board, filters, onChange, text, setText, field, onAdd }: Props) {
  const order = filters.sort ?? 'trending';
  const mayWeigh = useCan(may.readContacts);
  return (
    <div className="shrink-0 border-b border-line px-3 py-2.5">
      <div className="flex items-center gap-1">
        <SearchField text={text} setText={setText} field={field} />
        <Menu
          label="Order"
          placement="bottom end"
          trigger={
            <IconButton label={`Order: ${orders.find((o) => o.id === order)?.label}`}>
              <ArrowDownWideNarrow size={17} />
            </IconButton>
          }
          groups={[
            {
              id: 'order',
              title: 'Order by',
              items: ordersOf(board, mayWeigh).map((o) => ({
                id: o.id,
                label: o.label,
                isChosen: o.id === order,
                onAction: () => {
                  const { sort: _, ...rest } = filters;
                  onChange(o.id === 'trending' ? rest : { ...rest, sort: o.id });
                },
              })),
            },
          ]}
        />
        <FilterMenu board={board} filters={filters} onChange={onChange} />
        {onAdd && (
          <IconButton label="Add a post" onPress={onAdd}>
            <Plus size={18} />
          </IconButton>
        )}
      </div>
      <Chips board={board} filters={filters} onChange={onChange} />
    </div>
  );
}

function SearchField({ text, setText, field }: Pick<Props, 'text' | 'setText' | 'field'>) {
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (text) setText('');
    else field.current?.blur();
  };
  return (
    <div className="relative min-w-0 flex-1">
      <Search size={15} aria-hidden="true" className="absolute top-2 left-2.5 text-ink-faint" />
      <input
        ref={field}
        type="search"
        aria-label="Search posts"
        placeholder="Search posts"
        autoComplete="off"
        maxLength={200}
        value={text}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={onKey}
        className="h-8 w-full rounded-md border border-line-field bg-surface pr-2 pl-8 text-sm focus:border-accent [&::-webkit-search-cancel-button]:hidden"
      />
    </div>
  );
}

type FilterProps = Pick<Props, 'board' | 'filters' | 'onChange'>;

function FilterMenu({ board, filters, onChange }: FilterProps) {
  const counts = useCounts(board.id).data;
  const tags = usePostTags(board.id).data ?? [];
  const operators = useOperators();
  const me = useSession().operator.id;
  const byKey = new Map(counts?.statuses.map((s) => [s.status, s.posts]));
  /** One thing to filter by: chosen again it goes. */
  const by = (name: 'status' | 'category' | 'tag' | 'owner' | 'state', value: string) => ({
    isChosen: filters[name] === value,
    onAction: () => {
      const { [name]: now, ...rest } = filters;
      onChange(now === value ? rest : ({ ...rest, [name]: value } as Filters));
    },
  });
  const groups: MenuGroup[] = [
    {
      id: 'status',
      title: 'Status',
      items: board.statuses.map((s) => ({
        id: s.key,
        label: s.name,
        icon: <Dot color={s.color} />,
        hint: byKey.get(s.key) || '',
        ...by('status', s.key),
      })),
    },
    {
      id: 'state',
      items: [
        {
          id: 'pending',
          label: 'Waits for approval',
          hint: counts?.pending || '',
          ...by('state', 'pending'),
        },
      ],
    },
    {
      id: 'owner',
      title: 'Owner',
      items: [...operators]
        .sort((a, b) => Number(b.id === me) - Number(a.id === me))
        .slice(0, 12)
        .map((o) => ({ id: o.id, label: o.id === me ? `${o.name} (you)` : o.name, ...by('owner', o.id) })),
    },
    {
      id: 'category',
      title: 'Category',
      items: board.categories.map((c) => ({
        id: c.key ?? c.name,
        label: c.name,
        icon: <Dot color={c.color ?? board.color} />,
        ...by('category', c.name),
      })),
    },
    {
      id: 'tag',
      title: 'Tag',
      items: tags.slice(0, 12).map((t) => ({ id: t.tag, label: t.tag, hint: t.posts, ...by('tag', t.tag) })),
    },
  ];
  const isOn = filterCount(filters) > 0;
  return (
    <Menu
      label="Filter"
      placement="bottom end"
      groups={groups}
      trigger={
        <IconButton label={isOn ? 'Filter (on)' : 'Filter'} className={isOn ? 'text-accent-text!' : ''}>
          <ListFilter size={17} />
        </IconButton>
      }
    />
  );
}

function Chips({ board, filters, onChange }: FilterProps) {
  const { status, state, category, tag, owner } = filters;
  const operators = useOperators();
  const chips: { id: keyof Filters; label: string }[] = [
    ...(status
      ? [{ id: 'status' as const, label: board.statuses.find((s) => s.key === status)?.name ?? status }]
      : []),
    ...(state === 'published' ? [{ id: 'state' as const, label: 'Published' }] : []),
    ...(owner
      ? [{ id: 'owner' as const, label: operators.find((o) => o.id === owner)?.name ?? 'A colleague' }]
      : []),
    ...(category ? [{ id: 'category' as const, label: category }] : []),
    ...(tag ? [{ id: 'tag' as const, label: `#${tag}` }] : []),
  ];
  if (!chips.length) return null;
  return (
    <ul aria-label="Filters" className="mt-2 flex flex-wrap gap-1.5">
      {chips.map((c) => (
        <li key={c.id}>
          <button
            type="button"
            aria-label={`Take away the filter ${c.label}`}
            onClick={() => {
              const { [c.id]: _, ...rest } = filters;
              onChange(rest);
            }}
            className="inline-flex h-6 items-center gap-1.5 rounded-sm border border-accent-line bg-accent-soft px-2 text-xs text-accent-text"
          >
            {c.label}
            <X size={12} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

import { type KeyboardEvent, type RefObject, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useOperators } from '../inbox/data';
import { Avatar } from '../ui/bits';
import { enter, matching, type Named, toBody, typing } from './naming';
import { useParticipants } from './talk';

const atMost = 6;

/** Has a field offer people while somebody types @: arrows choose, Enter takes, Escape leaves it. */
export function useMentions(
  postId: string,
  field: RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
) {
  const book = useRef(new Map<string, string>());
  const list = useId();
  const [open, setOpen] = useState<{ from: number; query: string } | null>(null);
  const [at, setAt] = useState(0);
  const operators = useOperators();
  const people = useParticipants(postId, open !== null);
  const all: Named[] = [
    ...operators.map((o) => ({ id: o.id, name: o.name, isTeam: true })),
    ...people.filter((p) => p.name).map((p) => ({ id: p.id, name: p.name, isTeam: false })),
  ];
  const found = open ? matching(all, open.query).slice(0, atMost) : [];
  const chosen = Math.min(at, found.length - 1);
  const look = (next: string, caret: number) => {
    setOpen(typing(next, caret));
    setAt(0);
  };
  const take = (one: Named) => {
    if (!open) return;
    const name = `@${enter(book.current, one.name, one.id)} `;
    const end = open.from + 1 + open.query.length;
    // At once: whoever types on must not find the caret elsewhere a moment later.
    flushSync(() => {
      setText(text.slice(0, open.from) + name + text.slice(end));
      setOpen(null);
    });
    const caret = open.from + name.length;
    field.current?.focus();
    field.current?.setSelectionRange(caret, caret);
  };
  /** Tells whether the key was for the list. */
  const onKey = (event: KeyboardEvent): boolean => {
    const one = found[chosen];
    if (!one || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return false;
    if (event.key === 'ArrowDown') setAt((chosen + 1) % found.length);
    else if (event.key === 'ArrowUp') setAt((chosen + found.length - 1) % found.length);
    else if (event.key === 'Enter' || event.key === 'Tab') take(one);
    else if (event.key === 'Escape') setOpen(null);
    else return false;
    event.preventDefault();
    return true;
  };
  const isOpen = found.length > 0;
  return {
    book: book.current,
    body: () => toBody(text, book.current),
    look,
    onKey,
    leave: () => setOpen(null),
    props: {
      'aria-autocomplete': 'list' as const,
      'aria-controls': isOpen ? list : undefined,
      'aria-activedescendant': isOpen ? `${list}-${chosen}` : undefined,
    },
    picker: isOpen && <Picker id={list} people={found} chosen={chosen} onTake={take} />,
  };
}

interface PickerProps {
  id: string;
  people: Named[];
  chosen: number;
  onTake: (one: Named) => void;
}

function Picker({ id, people, chosen, onTake }: PickerProps) {
  return (
    <div className="rise absolute bottom-full left-2 z-20 mb-1 w-64 max-w-[calc(100%-1rem)] rounded-md border border-line bg-raised py-1 shadow-float">
      <p role="status" className="sr-only">
        {`${people.length} ${people.length === 1 ? 'person' : 'people'}. Arrows choose, Enter takes.`}
      </p>
      <div id={id} role="listbox" aria-label="People to name">
        {people.map((p, i) => (
          <div
            key={p.id}
            id={`${id}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === chosen}
            onPointerDown={(e) => {
              e.preventDefault();
              onTake(p);
            }}
            className="mx-1 flex min-h-8 items-center gap-2.5 rounded-sm px-2 py-1 text-sm aria-selected:bg-hover"
          >
            <Avatar name={p.name} size="sm" kind={p.isTeam ? 'operator' : 'contact'} />
            <span className="min-w-0 flex-1 truncate">{p.name}</span>
            <span className="text-xs text-ink-faint">{p.isTeam ? 'Team' : 'Took part'}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

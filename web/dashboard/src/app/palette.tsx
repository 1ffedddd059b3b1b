import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CornerDownLeft, MessageSquare, Search, User } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  useDeferredValue,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { api } from '../api/endpoints';
import { problemText } from '../api/problem';
import type { Contact, SearchHit } from '../api/types';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { shortAge } from '../lib/time';
import { Kbd } from '../ui/bits';
import { available, run } from './commands';
import { may } from './permissions';
import { isMac } from './preferences';
import { useCan } from './session';
import { keyCaps, shortcuts } from './shortcuts';

interface Entry {
  key: string;
  group: string;
  label: ReactNode;
  detail?: ReactNode;
  icon: ReactNode;
  end?: ReactNode;
  act: () => void;
}

const hidden = new Set(['palette', 'search', 'next', 'previous', 'back']);

/** Ctrl+K: everything the screen can do now, and a search over all that was said. Words go in the body of a POST, never in an address. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const listId = useId();
  const commands = useCommandEntries(text, onClose);
  const found = useFound(text, onClose);
  const entries = [...commands, ...found.entries];
  const current = Math.min(at, entries.length - 1);

  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step && entries.length) {
      event.preventDefault();
      setAt((current + step + entries.length) % entries.length);
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      entries[current]?.act();
    }
  };

  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="veil fixed inset-0 z-40 flex justify-center bg-veil px-4 pt-[12dvh] max-md:px-2 max-md:pt-2"
    >
      <Modal className="rise h-fit w-full max-w-xl overflow-hidden rounded-md border border-line bg-raised shadow-float">
        <AriaDialog aria-label="Do or find anything" className="outline-none">
          <div className="flex items-center gap-3 border-b border-line px-4">
            <Search size={17} className="text-ink-faint" aria-hidden="true" />
            <input
              autoFocus
              role="combobox"
              aria-label="Search or type a command"
              aria-expanded={entries.length > 0}
              aria-controls={listId}
              aria-activedescendant={entries[current] ? `${listId}-${current}` : undefined}
              placeholder="Search messages and people, or type a command"
              value={text}
              onChange={(e) => {
                setText(e.target.value);
                setAt(0);
              }}
              onKeyDown={onKey}
              className="h-12 flex-1 bg-transparent text-md text-ink outline-none"
            />
            <Kbd>Esc</Kbd>
          </div>
          <Results id={listId} entries={entries} current={current} onHover={setAt} />
          {found.note && <p className="px-4 pb-4 text-sm text-ink-faint">{found.note}</p>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

function Results(props: { id: string; entries: Entry[]; current: number; onHover: (i: number) => void }) {
  const { id, entries, current, onHover } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector(`[id="${id}-${current}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [id, current]);
  return (
    <div
      ref={box}
      id={id}
      role="listbox"
      aria-label="Results"
      className="max-h-[52dvh] overflow-y-auto p-1.5"
    >
      {entries.map((entry, i) => (
        <div key={entry.key} role="presentation">
          {entry.group !== entries[i - 1]?.group && (
            <p role="presentation" className="px-2.5 pt-2 pb-1 text-xs text-ink-faint">
              {entry.group}
            </p>
          )}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keyboard. */}
          <div
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === current}
            tabIndex={-1}
            onClick={entry.act}
            onPointerMove={() => onHover(i)}
            className={`flex min-h-9 items-center gap-3 rounded-sm px-2.5 py-1.5 ${i === current ? 'bg-hover' : ''}`}
          >
            <span className="text-ink-faint" aria-hidden="true">
              {entry.icon}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate">{entry.label}</span>
              {entry.detail && <span className="block truncate text-sm text-ink-faint">{entry.detail}</span>}
            </span>
            {entry.end}
          </div>
        </div>
      ))}
    </div>
  );
}

function useCommandEntries(text: string, onClose: () => void): Entry[] {
  const able = useStore(available);
  const wanted = text.trim().toLowerCase();
  return shortcuts
    .filter((s) => able.includes(s.id) && !hidden.has(s.id) && s.label.toLowerCase().includes(wanted))
    .map((s) => ({
      key: s.id,
      group: 'Do',
      label: s.label,
      icon: <CornerDownLeft size={15} />,
      end: (
        <span className="flex gap-1">
          {keyCaps(s.keys, isMac).map((cap) => (
            <Kbd key={cap}>{cap}</Kbd>
          ))}
        </span>
      ),
      act: () => {
        onClose();
        // After the palette has given the focus back, so that the command may take it.
        setTimeout(() => run(s.id), 30);
      },
    }));
}

interface Found {
  people: Contact[];
  hits: SearchHit[];
}

/** People by name, address, phone or id, and messages by their words, both at once. */
async function find(
  q: string,
  can: { people: boolean; messages: boolean },
  signal: AbortSignal,
): Promise<Found> {
  // A short pause, so that a word typed in one go is asked for once.
  await new Promise((resolve) => setTimeout(resolve, 120));
  signal.throwIfAborted();
  const [people, hits] = await Promise.allSettled([
    can.people ? api.searchContacts(q, undefined, signal, 6) : null,
    can.messages ? api.search(q, signal) : null,
  ]);
  if (people.status === 'rejected' && hits.status === 'rejected') throw hits.reason;
  return {
    people: people.status === 'fulfilled' ? (people.value?.data ?? []) : [],
    hits: hits.status === 'fulfilled' ? (hits.value?.data ?? []) : [],
  };
}

function useFound(text: string, onClose: () => void): { entries: Entry[]; note: string | null } {
  const navigate = useNavigate();
  const can = { people: useCan(may.readContacts), messages: useCan(may.readInbox) };
  const q = useDeferredValue(text.trim());
  const isLong = q.length >= 2;
  const search = useQuery({
    queryKey: ['search', q],
    enabled: isLong,
    gcTime: 0,
    queryFn: ({ signal }) => find(q, can, signal),
    placeholderData: (old) => old,
  });
  if (!isLong) return { entries: [], note: null };
  if (search.error) return { entries: [], note: problemText(search.error) };
  const { people, hits } = search.data ?? { people: [], hits: [] };
  const age = (iso: string) => <span className="text-xs text-ink-faint tabular-nums">{shortAge(iso)}</span>;
  const entries: Entry[] = [
    ...people.map((c) => ({
      key: c.id,
      group: 'People',
      label: displayName(c),
      detail: c.name ? c.email : undefined,
      icon: <User size={15} />,
      end: age(c.last_seen_at ?? c.created_at),
      act: () => {
        onClose();
        void navigate({ to: '/contacts/$contactId', params: { contactId: c.id } });
      },
    })),
    ...hits.map((hit) => ({
      key: hit.message_id,
      group: 'Messages',
      label: hit.title || 'Visitor',
      detail: hit.snippet,
      icon: <MessageSquare size={15} />,
      end: age(hit.created_at),
      act: () => {
        onClose();
        void navigate({
          to: '/inbox/$conversationId',
          params: { conversationId: hit.conversation_id },
          search: {},
        });
      },
    })),
  ];
  const isSettled = !search.isFetching && search.data !== undefined;
  return {
    entries,
    note: isSettled && !entries.length ? `Nothing that anybody said or is called contains “${q}”.` : null,
  };
}

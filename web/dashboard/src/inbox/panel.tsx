import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, ArrowUpRight, Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Contact, Conversation } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { BlockHere } from '../blocking/in-conversation';
import { ConsentList } from '../contacts/consents';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { fullTime, longAge, shortAge } from '../lib/time';
import { online } from '../live/state';
import { Avatar, Seal, Skeleton, Tag, Verified } from '../ui/bits';
import { IconButton } from '../ui/button';
import { useConversations, usePatchConversation } from './data';

interface PanelProps {
  conversation: Conversation;
  onClose: () => void;
  isWide: boolean;
}

/** Who one is talking with: identity and how far it is proven, consents, tags, and what was said before. */
export function ContactPanel({ conversation: c, onClose, isWide }: PanelProps) {
  const mayRead = useCan(may.readContacts);
  const contact = useQuery({
    queryKey: keys.contact(c.contact_id),
    queryFn: ({ signal }) => api.contact(c.contact_id, signal),
    enabled: mayRead,
  });
  const isOnline = useStore(online, (all) => all.has(c.contact_id));
  const name = displayName(c.contact);
  return (
    <div className="flex h-full flex-col">
      {!isWide && (
        <div className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3">
          <IconButton label="Back to the conversation" onPress={onClose}>
            <ArrowLeft size={18} />
          </IconButton>
          <span className="font-semibold">Person</span>
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="border-b border-line px-5 pt-5 pb-4">
          <div className="flex items-center gap-3">
            <Avatar name={name} picture={c.contact.avatar_url} isOnline={isOnline} />
            <div className="min-w-0">
              <h2 className="truncate font-semibold">{name}</h2>
              <Seal />
            </div>
          </div>
          {c.contact.email && (
            <div className="mt-3">
              <p className="text-sm wrap-anywhere">{c.contact.email}</p>
              <Verified verified={c.contact.verified} hasEmail />
            </div>
          )}
          {mayRead && (
            <Link
              to="/contacts/$contactId"
              params={{ contactId: c.contact_id }}
              className="mt-3 inline-flex items-center gap-1 text-sm font-medium text-ink-soft underline underline-offset-2 hover:text-ink"
            >
              Whole profile
              <ArrowUpRight size={14} aria-hidden="true" />
            </Link>
          )}
          {contact.data && <BlockHere contact={contact.data.data} onChange={() => void contact.refetch()} />}
        </div>
        <Section title="About">
          {contact.error ? (
            <p className="text-sm text-ink-faint">{problemText(contact.error)}</p>
          ) : contact.data ? (
            <Facts contact={contact.data.data} />
          ) : mayRead ? (
            <FactsSkeleton />
          ) : (
            <p className="text-sm text-ink-faint">Your role does not show profiles.</p>
          )}
        </Section>
        <Section title="Tags">
          <Tags c={c} />
        </Section>
        {mayRead && (
          <Section title="Consents">
            <ConsentList contactId={c.contact_id} isCompact />
          </Section>
        )}
        <Section title="Other conversations">
          <Others c={c} />
        </Section>
      </div>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-b border-line px-5 py-4 last:border-0">
      <h3 className="mb-2 text-xs font-medium text-ink-faint">{title}</h3>
      {children}
    </section>
  );
}

function Facts({ contact }: { contact: Contact }) {
  const facts: [string, ReactNode][] = [
    ['Phone', contact.phone],
    ['Your id', contact.external_id],
    ['Language', contact.locale],
    ['Time zone', contact.timezone],
    [
      'First seen',
      <span key="f" title={fullTime(contact.created_at)}>
        {longAge(contact.created_at)}
      </span>,
    ],
    [
      'Last seen',
      contact.last_seen_at && (
        <span title={fullTime(contact.last_seen_at)}>{longAge(contact.last_seen_at)}</span>
      ),
    ],
    ...Object.entries(contact.attributes ?? {})
      .slice(0, 6)
      .map(([k, v]): [string, ReactNode] => [k, String(v)]),
  ];
  return (
    <dl className="space-y-1.5 text-sm">
      {facts
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label} className="flex gap-3">
            <dt className="w-22 shrink-0 truncate text-ink-faint first-letter:uppercase">{label}</dt>
            <dd className="min-w-0 wrap-anywhere">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function FactsSkeleton() {
  return (
    <div className="space-y-2.5 py-1">
      <Skeleton className="h-3 w-4/5" />
      <Skeleton className="h-3 w-3/5" />
      <Skeleton className="h-3 w-2/3" />
    </div>
  );
}

function Tags({ c }: { c: Conversation }) {
  const mayWrite = useCan(may.writeInbox) && !c.restricted;
  const { mutate } = usePatchConversation();
  const [isAdding, setAdding] = useState(false);
  const [text, setText] = useState('');
  const add = () => {
    const tag = text.trim().toLowerCase().replace(/\s+/g, '-');
    if (tag && !c.tags.includes(tag)) mutate({ conversation: c, patch: { tags: [...c.tags, tag] } });
    setText('');
    setAdding(false);
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {c.tags.map((tag) => (
        <Tag
          key={tag}
          onRemove={
            mayWrite && (
              <button
                type="button"
                aria-label={`Remove the tag ${tag}`}
                className="-mr-1 rounded-sm p-0.5 text-ink-faint hover:text-ink"
                onClick={() => mutate({ conversation: c, patch: { tags: c.tags.filter((t) => t !== tag) } })}
              >
                <X size={11} />
              </button>
            )
          }
        >
          {tag}
        </Tag>
      ))}
      {!c.tags.length && !mayWrite && <p className="text-sm text-ink-faint">None</p>}
      {mayWrite &&
        (isAdding ? (
          <input
            autoFocus
            value={text}
            maxLength={40}
            aria-label="New tag"
            onChange={(e) => setText(e.target.value)}
            onBlur={add}
            onKeyDown={(e) => {
              if (e.key === 'Enter') add();
              if (e.key === 'Escape') setAdding(false);
            }}
            className="h-6 w-28 rounded-sm border border-line-field bg-surface px-1.5 text-xs"
          />
        ) : (
          <button
            type="button"
            onClick={() => setAdding(true)}
            className="inline-flex h-6 items-center gap-1 rounded-sm px-1.5 text-xs text-ink-faint hover:bg-hover hover:text-ink"
          >
            <Plus size={12} aria-hidden="true" />
            Add a tag
          </button>
        ))}
    </div>
  );
}

function Others({ c }: { c: Conversation }) {
  const list = useConversations({ contact_id: c.contact_id });
  const others = list.items.filter((o) => o.id !== c.id).slice(0, 5);
  if (list.isPending) return <FactsSkeleton />;
  if (!others.length) return <p className="text-sm text-ink-faint">This is the first one.</p>;
  return (
    <ul className="-mx-2">
      {others.map((o) => (
        <li key={o.id}>
          <Link
            to="/inbox/$conversationId"
            params={{ conversationId: o.id }}
            search={(old) => old}
            className="flex items-baseline gap-2 rounded-md px-2 py-1.5 text-sm hover:bg-hover"
          >
            <span className="min-w-0 flex-1 truncate">
              {o.subject || o.last_message?.preview || 'No messages yet'}
            </span>
            <span className="shrink-0 text-xs text-ink-faint tabular-nums">{shortAge(o.activity_at)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

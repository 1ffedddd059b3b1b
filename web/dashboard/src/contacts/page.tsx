import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, UserX } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import type { Answer } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus, problemText } from '../api/problem';
import type { Contact, ErasureReceipt } from '../api/types';
import { allows } from '../app/runtime';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { BlockedBanner } from '../blocking/banner';
import { useMedia } from '../lib/hooks';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { online } from '../live/state';
import { MergedNotice } from '../merging/notice';
import { Avatar, Empty, LoadProblem, Seal, Skeleton, Verified } from '../ui/bits';
import { ReceiptPage } from './erase';
import { Actions, InBin } from './profile/actions';
import { cards, tabs } from './profile/parts';
import { RestrictedBanner } from './rights';

/** A person: who they are, what was said, what they agreed to, who looked, and how to let them go. */
export function ContactPage() {
  const { contactId: id } = useParams({ from: '/shell/contacts/$contactId' });
  useTitle('Contact');
  const [receipt, setReceipt] = useState<ErasureReceipt | null>(null);
  const isErased = receipt?.contact_id === id;
  const contact = useQuery({
    queryKey: keys.contact(id),
    queryFn: ({ signal }) => api.contact(id, signal),
    enabled: !isErased,
  });
  if (isErased) return <ReceiptPage receipt={receipt} />;
  if (isStatus(contact.error, 404, 410)) return <Gone />;
  if (contact.error && !contact.data) {
    return <LoadProblem text={problemText(contact.error)} onRetry={() => void contact.refetch()} />;
  }
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3 md:px-4">
        <Link
          to="/contacts"
          aria-label="All contacts"
          className="flex size-8 items-center justify-center rounded-md text-ink-soft hover:bg-hover"
        >
          <ArrowLeft size={17} />
        </Link>
        <span className="text-sm text-ink-faint">Contacts</span>
        {contact.data && <Actions contact={contact.data.data} onErased={setReceipt} />}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {contact.data ? <Profile answer={contact.data} /> : <ProfileSkeleton />}
      </div>
    </div>
  );
}

function Profile({ answer }: { answer: Answer<Contact> }) {
  const c = answer.data;
  const { permissions } = useSession();
  const isWide = useMedia('(min-width: 1080px)');
  const seen = tabs.filter((t) => !t.permission || allows(permissions, t.permission));
  const side = (
    <div className="space-y-4">
      {cards
        .filter((p) => !p.permission || allows(permissions, p.permission))
        .map(({ id, Part }) => (
          <Suspense key={id} fallback={null}>
            <Part contact={c} answer={answer} />
          </Suspense>
        ))}
    </div>
  );
  return (
    <div className="mx-auto max-w-6xl px-4 py-6 md:px-8">
      {c.deleted_at && <InBin contact={c} since={c.deleted_at} />}
      <RestrictedBanner contact={c} />
      <BlockedBanner contact={c} />
      <MergedNotice contact={c} />
      <Head contact={c} />
      <div className={isWide ? 'grid grid-cols-[22rem_minmax(0,1fr)] gap-10' : ''}>
        {isWide && <aside aria-label="Details">{side}</aside>}
        {/* Where there is no room beside them, the cards are the first tab. */}
        <Tabs key={String(isWide)} className="min-w-0">
          <TabList
            aria-label="About this person"
            className="mb-5 flex flex-wrap gap-x-4 gap-y-1 border-b border-line sm:gap-x-5"
          >
            {!isWide && <PageTab id="details">Details</PageTab>}
            {seen.map((t) => (
              <PageTab key={t.id} id={t.id}>
                {t.label}
              </PageTab>
            ))}
          </TabList>
          {!isWide && (
            <TabPanel id="details" className="outline-offset-4">
              {side}
            </TabPanel>
          )}
          {seen.map(({ id, Part }) => (
            <TabPanel key={id} id={id} className="outline-offset-4">
              <Suspense fallback={<Skeleton className="h-10" />}>
                <Part contact={c} answer={answer} />
              </Suspense>
            </TabPanel>
          ))}
        </Tabs>
      </div>
    </div>
  );
}

function Head({ contact: c }: { contact: Contact }) {
  const isOnline = useStore(online, (all) => all.has(c.id));
  const name = displayName(c);
  return (
    <div className="mb-6 flex items-center gap-4">
      <Avatar name={name} picture={c.avatar_url} size="lg" isOnline={isOnline} />
      <div className="min-w-0">
        <h1 className="truncate text-lg font-semibold">{name}</h1>
        <p className="flex flex-wrap items-center gap-x-3">
          <Verified verified={c.verified} hasEmail={c.email !== ''} />
          <Seal label="Sealed with a key of their own" />
        </p>
      </div>
    </div>
  );
}

function PageTab({ id, children }: { id: string; children: string }) {
  return (
    <Tab
      id={id}
      className="-mb-px shrink-0 cursor-default rounded-t-sm border-b-2 border-transparent px-1 pb-2.5 text-sm whitespace-nowrap text-ink-soft transition-colors hover:text-ink data-[selected]:border-accent data-[selected]:font-medium data-[selected]:text-ink"
    >
      {children}
    </Tab>
  );
}

function ProfileSkeleton() {
  return (
    <div role="status" aria-label="Loading the profile" className="mx-auto max-w-5xl px-4 py-6 md:px-8">
      <div className="mb-8 flex items-center gap-4">
        <Skeleton className="size-14 rounded-full!" />
        <Skeleton className="h-5 w-48" />
      </div>
      {[0, 1, 2, 3, 4].map((i) => (
        <Skeleton key={i} className="mb-4 h-4 max-w-md" />
      ))}
    </div>
  );
}

function Gone() {
  return (
    <div className="flex h-full items-center justify-center">
      <Empty
        icon={<UserX size={22} strokeWidth={1.6} />}
        title="This person is no longer here"
        action={
          <Link to="/contacts" className="font-medium text-accent-text underline underline-offset-2">
            All contacts
          </Link>
        }
      >
        They were erased or moved to the bin.
      </Empty>
    </div>
  );
}

import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, Ellipsis, Eraser, MessageSquarePlus, Trash2, UserX } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import type { Answer } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus, Problem, problemText } from '../api/problem';
import type { Contact, ContactChange, ErasureReceipt } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useConversations } from '../inbox/data';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { fullTime, longAge, shortAge } from '../lib/time';
import { online } from '../live/state';
import { ContactRequests } from '../privacy/contact-requests';
import { Avatar, Empty, LoadProblem, Seal, Skeleton, Verified } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { toast, toastProblem } from '../ui/toast';
import { WhoLooked } from './access';
import { BasisFields, basisLabel, toBasis, useBasis } from './basis';
import { ConsentList, usePurposes } from './consents';
import { Corrections } from './corrections';
import { Editable } from './editable';
import { EraseDialog, ReceiptPage } from './erase';
import { RestrictedBanner, Rights } from './rights';
import { WriteDialog } from './write';

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
  const isOnline = useStore(online, (all) => all.has(c.id));
  const mayAudit = useCan(may.readAudit);
  const mayPrivacy = useCan(may.readPrivacy);
  const name = displayName(c);
  return (
    <div className="mx-auto max-w-5xl px-4 py-6 md:px-8">
      {c.deleted_at && <InBin contact={c} since={c.deleted_at} />}
      <RestrictedBanner contact={c} />
      <div className="mb-6 flex items-center gap-4">
        <Avatar name={name} size="lg" isOnline={isOnline} />
        <div className="min-w-0">
          <h1 className="truncate text-lg font-semibold">{name}</h1>
          <p className="flex flex-wrap items-center gap-x-3">
            <Verified verified={c.verified} hasEmail={c.email !== ''} />
            <Seal label="Sealed with a key of their own" />
          </p>
        </div>
      </div>
      <Tabs defaultSelectedKey="profile">
        <TabList aria-label="About this person" className="mb-6 flex gap-5 border-b border-line">
          <PageTab id="profile">Profile</PageTab>
          {mayPrivacy && <PageTab id="privacy">Privacy</PageTab>}
        </TabList>
        <TabPanel id="profile" className={columns}>
          <div className="space-y-8">
            <Fields answer={answer} />
            <Conversations contactId={c.id} />
          </div>
          <div className="space-y-8">
            <Block title="Why this is kept">
              <WhyKept contact={c} />
            </Block>
            {mayPrivacy && (
              <Block title="Corrections">
                <Corrections contactId={c.id} />
              </Block>
            )}
          </div>
        </TabPanel>
        <TabPanel id="privacy" className={columns}>
          <div className="space-y-8">
            <Block title="Requests">
              <ContactRequests contact={c} />
            </Block>
            <Block title="Consents">
              <ConsentList contactId={c.id} isEditable />
            </Block>
            {mayAudit && (
              <Block title="Who looked">
                <WhoLooked contactId={c.id} />
              </Block>
            )}
          </div>
          <Rights contact={c} />
        </TabPanel>
      </Tabs>
    </div>
  );
}

const columns =
  'grid grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-8 outline-offset-4 lg:grid-cols-[minmax(0,1fr)_20rem]';

function PageTab({ id, children }: { id: string; children: string }) {
  return (
    <Tab
      id={id}
      className="-mb-px cursor-default rounded-t-sm border-b-2 border-transparent px-1 pb-2.5 text-sm text-ink-soft transition-colors hover:text-ink data-[selected]:border-accent data-[selected]:font-medium data-[selected]:text-ink"
    >
      {children}
    </Tab>
  );
}

/** Says that the clock runs, and how to stop it. */
function InBin({ contact, since }: { contact: Contact; since: string }) {
  const mayWrite = useCan(may.writeContacts);
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => api.restoreContact(contact.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.contacts });
      void client.invalidateQueries({ queryKey: keys.contact(contact.id) });
      toast('Back among your contacts.');
    },
    onError: toastProblem,
  });
  const erasedOn = new Date(Date.parse(since) + 30 * 86_400_000).toISOString();
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-3 rounded-md border border-time-line bg-time-soft px-4 py-2.5 text-sm text-time-text">
      <p>In the bin. Erased by itself on {fullTime(erasedOn).split(',')[0]}.</p>
      {mayWrite && (
        <Button size="sm" busy={restore.isPending} onPress={() => restore.mutate()}>
          Restore
        </Button>
      )}
    </div>
  );
}

function Block({ title, children, end }: { title: string; children: ReactNode; end?: ReactNode }) {
  return (
    <section>
      <div className="mb-2 flex h-6 items-center justify-between">
        <h2 className="text-sm font-semibold">{title}</h2>
        {end}
      </div>
      {children}
    </section>
  );
}

const shownFields = [
  { field: 'name', label: 'Name' },
  { field: 'email', label: 'E-mail', type: 'email' },
  { field: 'phone', label: 'Phone', type: 'tel' },
  { field: 'external_id', label: 'Your id' },
  { field: 'locale', label: 'Language' },
  { field: 'timezone', label: 'Time zone' },
] as const;

function Fields({ answer }: { answer: Answer<Contact> }) {
  const mayWrite = useCan(may.writeContacts) && !answer.data.restricted_at;
  const [chosen, setChosen] = useBasis();
  const [isBasisShown, setBasisShown] = useState(false);
  const client = useQueryClient();
  const purposes = usePurposes();
  const c = answer.data;
  const save = async (patch: ContactChange) => {
    try {
      await saveContact(client, answer, { ...patch, basis: toBasis(chosen) });
    } catch (error) {
      if (error instanceof Problem && error.code.startsWith('basis')) setBasisShown(true);
      throw error;
    }
  };
  const purpose = purposes.find((p) => p.key === chosen.purpose)?.name ?? chosen.purpose;
  return (
    <Block title="Profile">
      <div>
        {shownFields.map(({ field, label, ...rest }) => (
          <Editable
            key={field}
            field={field}
            label={label}
            value={c[field] ?? ''}
            isReadOnly={!mayWrite}
            onSave={(value) => save({ [field]: value })}
            {...rest}
          />
        ))}
        {Object.entries(c.attributes ?? {}).map(([key, value]) => (
          <Editable
            key={`attribute-${key}`}
            field={key}
            label={key}
            value={typeof value === 'string' ? value : JSON.stringify(value)}
            isReadOnly={!mayWrite || typeof value !== 'string'}
            onSave={(text) => save({ attributes: { ...c.attributes, [key]: text } })}
          />
        ))}
        <p className="flex flex-wrap gap-x-5 pt-3 text-xs text-ink-faint">
          <span title={fullTime(c.created_at)}>First seen {longAge(c.created_at)}</span>
          {c.last_seen_at && (
            <span title={fullTime(c.last_seen_at)}>Last seen {longAge(c.last_seen_at)}</span>
          )}
          {mayWrite && (
            <button
              type="button"
              className="underline underline-offset-2 hover:text-ink"
              onClick={() => setBasisShown(!isBasisShown)}
            >
              Changes are made for: {purpose}
            </button>
          )}
        </p>
      </div>
      {isBasisShown && <BasisFields value={chosen} onChange={setChosen} className="mt-3" />}
    </Block>
  );
}

/** Saves against the version that was shown. Where somebody else was faster, their version is fetched and the person decides. */
async function saveContact(
  client: QueryClient,
  answer: Answer<Contact>,
  patch: ContactChange,
): Promise<void> {
  const key = keys.contact(answer.data.id);
  try {
    const saved = await api.patchContact(answer.data.id, patch, answer.etag);
    client.setQueryData(key, saved);
    void client.invalidateQueries({ queryKey: keys.contacts });
  } catch (error) {
    if (!isStatus(error, 409, 412, 428)) throw error;
    await client.invalidateQueries({ queryKey: key });
    throw new Problem(
      412,
      error.code,
      'Somebody changed this person meanwhile. Look at what stands there now, then save again.',
    );
  }
}

function Conversations({ contactId }: { contactId: string }) {
  const mayRead = useCan(may.readInbox);
  const list = useConversations({ contact_id: contactId }, mayRead);
  if (!mayRead) return null;
  return (
    <Block title="Conversations">
      {list.isPending ? (
        <Skeleton className="h-10" />
      ) : list.items.length === 0 ? (
        <p className="text-sm text-ink-faint">Nothing was said yet.</p>
      ) : (
        <ul className="-mx-2">
          {list.items.map((c) => (
            <li key={c.id}>
              <Link
                to="/inbox/$conversationId"
                params={{ conversationId: c.id }}
                search={{}}
                preload={false}
                className="flex items-baseline gap-3 rounded-md px-2 py-2 hover:bg-hover"
              >
                <span className="w-18 shrink-0 text-xs text-ink-faint first-letter:uppercase">{c.state}</span>
                <span className="min-w-0 flex-1 truncate">
                  {c.subject || c.last_message?.preview || 'No messages yet'}
                </span>
                <span className="text-xs text-ink-faint tabular-nums">{shortAge(c.activity_at)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Block>
  );
}

function WhyKept({ contact }: { contact: Contact }) {
  const purposes = usePurposes();
  const sources = Object.entries(contact.provenance ?? {});
  const support = purposes.find((p) => p.key === 'support');
  return (
    <div className="space-y-2 text-sm text-ink-soft">
      {support && (
        <p>
          {support.name}: {basisLabel(support.lawful_basis).toLowerCase()}.
        </p>
      )}
      {sources.length === 0 && (
        <p className="text-ink-faint">Everything here was entered by the person or by a colleague.</p>
      )}
      {sources.map(([field, from]) => (
        <p key={field} className="flex justify-between gap-3">
          <span className="text-ink-faint first-letter:uppercase">{field.replaceAll('_', ' ')}</span>
          <span title={fullTime(from.at)}>
            {from.source}, {longAge(from.at)}
          </span>
        </p>
      ))}
    </div>
  );
}

function Actions({ contact, onErased }: { contact: Contact; onErased: (receipt: ErasureReceipt) => void }) {
  const mayWrite = useCan(may.writeContacts);
  const mayErase = useCan(may.eraseContacts);
  const mayAnswer = useCan(may.writeInbox);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'erase' | 'write' | null>(null);
  const bin = useMutation({
    mutationFn: () => api.binContact(contact.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.contacts });
      void client.invalidateQueries({ queryKey: keys.contact(contact.id) });
      void navigate({ to: '/contacts' });
      const restore = async () => {
        await api.restoreContact(contact.id).catch(toastProblem);
        void client.invalidateQueries({ queryKey: keys.contacts });
        void client.invalidateQueries({ queryKey: keys.contact(contact.id) });
      };
      toast('Moved to the bin. In 30 days it is erased.', {
        action: { label: 'Undo', run: () => void restore() },
      });
    },
    onError: toastProblem,
  });
  const items = [
    mayWrite &&
      !contact.restricted_at &&
      !contact.deleted_at && {
        id: 'bin',
        label: 'Move to the bin',
        icon: <Trash2 size={15} />,
        onAction: () => bin.mutate(),
      },
    mayErase && {
      id: 'erase',
      label: 'Erase for good…',
      icon: <Eraser size={15} />,
      isLoss: true,
      onAction: () => setDialog('erase'),
    },
  ].filter((i) => i !== false);
  return (
    <div className="ml-auto flex items-center gap-1">
      {mayAnswer && !contact.restricted_at && (
        <Button icon={<MessageSquarePlus size={15} />} onPress={() => setDialog('write')}>
          Write
        </Button>
      )}
      {items.length > 0 && (
        <Menu
          label="More"
          placement="bottom end"
          groups={[{ id: 'end', items }]}
          trigger={
            <IconButton label="Bin or erase">
              <Ellipsis size={18} />
            </IconButton>
          }
        />
      )}
      {dialog === 'erase' && (
        <EraseDialog contact={contact} onClose={() => setDialog(null)} onErased={onErased} />
      )}
      {dialog === 'write' && <WriteDialog contact={contact} onClose={() => setDialog(null)} />}
    </div>
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

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Pencil, Plus, Tags, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Attribute, SettingsPatch } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { usePurposes } from '../contacts/consents';
import { Empty, LoadProblem, Seal, Tag } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { toast, toastProblem } from '../ui/toast';
import { AttributeDialog, RemoveAttributeDialog } from './attribute-dialogs';
import { kindWords } from './attribute-words';
import { SettingsPage } from './layout';
import { RowsSkeleton } from './table';

type Open = { what: 'add'; key?: string } | { what: 'edit' | 'remove'; attribute: Attribute } | null;

/** What contacts may have beside name and address, what for, and for how long. */
export function AttributesPage() {
  const mayWrite = useCan(may.writeWorkspace);
  const list = useQuery({
    queryKey: keys.attributes,
    queryFn: ({ signal }) => api.attributes(signal),
    staleTime: 0,
    refetchInterval: (q) => (q.state.data?.indexing.state === 'working' ? 1000 : false),
  });
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const add = mayWrite && (
    <Button icon={<Plus size={15} />} onPress={() => setOpen({ what: 'add' })}>
      Add an attribute
    </Button>
  );
  const shown = list.data;
  const all = shown?.data;
  return (
    <SettingsPage
      title="Attributes"
      intro="What you keep of people beside name and address: each with its kind, its purpose and its time. What is personal is sealed with the person's own key."
      action={all?.length ? add : null}
    >
      {list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : !shown || !all ? (
        <RowsSkeleton />
      ) : (
        <>
          <Progress indexing={shown.indexing} />
          {all.length === 0 ? (
            <Empty icon={<Tags size={22} strokeWidth={1.6} />} title="Nothing is declared yet" action={add}>
              Declare what your systems send, such as a plan or the number of seats, and people can be found
              by it.
            </Empty>
          ) : (
            <ul className="divide-y divide-line rounded-md border border-line">
              {all.map((a) => (
                <Row key={a.key} attribute={a} mayWrite={mayWrite} onOpen={setOpen} />
              ))}
            </ul>
          )}
          <Undeclared
            undeclared={shown.undeclared}
            mayWrite={mayWrite}
            onDeclare={(key) => setOpen({ what: 'add', key })}
          />
          <WhoSees mayWrite={mayWrite} />
        </>
      )}
      {open?.what === 'add' && <AttributeDialog suggested={open.key} onClose={close} />}
      {open?.what === 'edit' && <AttributeDialog attribute={open.attribute} onClose={close} />}
      {open?.what === 'remove' && <RemoveAttributeDialog attribute={open.attribute} onClose={close} />}
    </SettingsPage>
  );
}

function Progress({ indexing }: { indexing: { state: string; done: number; total: number } }) {
  if (indexing.state !== 'working') return null;
  const share = indexing.total ? Math.min(1, indexing.done / indexing.total) : 0;
  return (
    <div className="mb-4 rounded-md border border-line bg-sunken px-4 py-3 text-sm">
      <p className="flex justify-between gap-4">
        <span>Going through your contacts, so that they are found by what you declared.</span>
        <span className="text-ink-soft tabular-nums">
          {indexing.done.toLocaleString('en')} of {indexing.total.toLocaleString('en')}
        </span>
      </p>
      <progress className="mt-2 h-1.5 w-full accent-accent" max={1} value={share} aria-label="Progress" />
    </div>
  );
}

interface RowProps {
  attribute: Attribute;
  mayWrite: boolean;
  onOpen: (open: Open) => void;
}

function Row({ attribute: a, mayWrite, onOpen }: RowProps) {
  const purposes = usePurposes();
  const purpose = purposes.find((p) => p.key === a.purpose)?.name ?? a.purpose;
  return (
    <li className="flex items-start gap-3 px-4 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium wrap-anywhere">{a.label}</span>
          <code className="font-mono text-xs text-ink-faint">{a.key}</code>
          <Tag>{kindWords[a.kind]}</Tag>
          {a.personal && <Seal title="Found by its value and its beginning, never by range." />}
          {a.state === 'removing' && (
            <span className="text-sm text-loss-text">Its values are being removed</span>
          )}
        </p>
        {a.description && <p className="mt-0.5 text-sm text-ink-soft">{a.description}</p>}
        <p className="mt-0.5 text-sm text-ink-faint">
          {purpose}
          {' · '}
          {a.retention_days ? `kept for ${a.retention_days} days` : 'kept as long as the contact'}
          {a.expired > 0 && ` · ${a.expired.toLocaleString('en')} are older and go within minutes`}
        </p>
      </div>
      {mayWrite && a.state !== 'removing' && (
        <Menu
          label={a.label}
          placement="bottom end"
          trigger={
            <IconButton label={`More for ${a.label}`}>
              <Ellipsis size={16} />
            </IconButton>
          }
          groups={[
            {
              id: 'change',
              items: [
                {
                  id: 'edit',
                  label: 'Edit…',
                  icon: <Pencil size={15} />,
                  onAction: () => onOpen({ what: 'edit', attribute: a }),
                },
                {
                  id: 'remove',
                  label: 'Remove with its values…',
                  icon: <Trash2 size={15} />,
                  isLoss: true,
                  onAction: () => onOpen({ what: 'remove', attribute: a }),
                },
              ],
            },
          ]}
        />
      )}
    </li>
  );
}

function useSettings() {
  const client = useQueryClient();
  const workspace = useQuery({ queryKey: keys.workspace, queryFn: ({ signal }) => api.workspace(signal) });
  const change = useMutation({
    mutationFn: (settings: SettingsPatch) => api.updateWorkspace({ settings }, workspace.data?.etag ?? null),
    onSuccess: (answer) => {
      client.setQueryData(keys.workspace, answer);
      toast('Saved.');
    },
    onError: (error) => {
      toastProblem(error);
      void client.invalidateQueries({ queryKey: keys.workspace });
    },
  });
  return { settings: workspace.data?.data.settings, change };
}

interface UndeclaredProps {
  undeclared: string[];
  mayWrite: boolean;
  onDeclare: (key: string) => void;
}

function Undeclared({ undeclared, mayWrite, onDeclare }: UndeclaredProps) {
  const { settings, change } = useSettings();
  if (!settings) return null;
  const isRefused = settings.undeclared_attributes === 'refuse';
  return (
    <section className="mt-9">
      <h2 className="text-sm font-semibold">Not declared</h2>
      <p className="mt-1 max-w-xl text-sm text-ink-soft">
        {undeclared.length
          ? 'Your systems sent these. They are sealed as personal data; declare what you need.'
          : 'Everything that your systems sent is declared.'}
      </p>
      {undeclared.length > 0 && (
        <ul className="mt-3 flex flex-wrap gap-2">
          {undeclared.map((key) => (
            <li key={key}>
              <button
                type="button"
                disabled={!mayWrite}
                onClick={() => onDeclare(key)}
                className="rounded-sm border border-line bg-sunken px-2 py-1 font-mono text-xs text-ink-soft enabled:hover:border-line-strong enabled:hover:text-ink"
                aria-label={`Declare ${key}`}
              >
                {key}
              </button>
            </li>
          ))}
        </ul>
      )}
      <label className="mt-4 flex items-center gap-2.5 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          disabled={!mayWrite || change.isPending}
          checked={isRefused}
          onChange={() => change.mutate({ undeclared_attributes: isRefused ? 'seal' : 'refuse' })}
        />
        Refuse what is not declared
      </label>
    </section>
  );
}

const maskable = [
  { role: 'agent', label: 'Agents' },
  { role: 'viewer', label: 'Viewers' },
  { role: 'privacy_officer', label: 'Privacy officers' },
];

function WhoSees({ mayWrite }: { mayWrite: boolean }) {
  const { settings, change } = useSettings();
  if (!settings) return null;
  const masked = settings.masked_roles ?? [];
  return (
    <fieldset className="mt-9">
      <legend className="text-sm font-semibold">Who does not see addresses</legend>
      <p className="mt-1 max-w-xl text-sm text-ink-soft">
        They work with people as before, and see <span className="whitespace-nowrap">a•••@e•••.com</span> and{' '}
        <span className="whitespace-nowrap">••• 12</span> instead of e-mail addresses and phone numbers.
        Exports are closed to them.
      </p>
      <div className="mt-3 flex flex-wrap gap-x-6 gap-y-2">
        {maskable.map(({ role, label }) => (
          <label key={role} className="flex items-center gap-2.5 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              disabled={!mayWrite || change.isPending}
              checked={masked.includes(role)}
              onChange={() =>
                change.mutate({
                  masked_roles: masked.includes(role) ? masked.filter((r) => r !== role) : [...masked, role],
                })
              }
            />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

import { BadgeCheck, Ellipsis, Plus, Star, Trash2 } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { problemText } from '../../api/problem';
import type { Contact, ContactChange } from '../../api/types';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { longAge } from '../../lib/time';
import { Button, IconButton } from '../../ui/button';
import { Menu } from '../../ui/menu';
import { toastProblem } from '../../ui/toast';
import { Card } from './block';
import type { PartProps } from './parts';
import { useSave } from './save';

type Address = Contact['emails'][number];
type List = 'emails' | 'phones';

const words = {
  emails: {
    label: 'E-mail addresses',
    add: 'Add an address',
    placeholder: 'name@example.org',
    type: 'email',
  },
  phones: { label: 'Phone numbers', add: 'Add a number', placeholder: '+49 30 1234567', type: 'tel' },
} as const;

/** How they are reached: all addresses and numbers, each with where it came from. */
export function ReachCard({ answer }: PartProps) {
  const { mayWrite, save } = useSave(answer);
  const seesAddresses = useCan(may.seeAddresses);
  return (
    <Card title="How to reach them">
      {(['emails', 'phones'] as const).map((list) => (
        <Addresses
          key={list}
          list={list}
          all={answer.data[list] ?? []}
          isReadOnly={!mayWrite || !seesAddresses}
          save={save}
        />
      ))}
      {!seesAddresses && (
        <p className="pt-2 text-xs text-ink-faint">Your role sees that they can be reached, not where.</p>
      )}
    </Card>
  );
}

interface Props {
  list: List;
  all: Address[];
  isReadOnly: boolean;
  save: (patch: ContactChange) => Promise<void>;
}

function Addresses({ list, all, isReadOnly, save }: Props) {
  const set = (next: Address[]) =>
    save({ [list]: next.map(({ address, verified, primary }) => ({ address, verified, primary })) });
  return (
    <div className="border-b border-line py-1 last:border-0">
      <h3 className="sr-only">{words[list].label}</h3>
      <ul>
        {all.map((a) => (
          <Line
            key={a.address}
            address={a}
            isMany={all.length > 1}
            isReadOnly={isReadOnly}
            onPrimary={() => set(all.map((o) => ({ ...o, primary: o === a })))}
            onRemove={() => set(all.filter((o) => o !== a))}
          />
        ))}
      </ul>
      {isReadOnly
        ? all.length === 0 && (
            <p className="py-1 text-sm text-ink-faint">No {words[list].label.toLowerCase()}</p>
          )
        : all.length < 20 && (
            <Add
              list={list}
              onAdd={(address) =>
                set([...all, { address, verified: true, primary: !all.length, source: '', at: null }])
              }
            />
          )}
    </div>
  );
}

interface LineProps {
  address: Address;
  isMany: boolean;
  isReadOnly: boolean;
  onPrimary: () => Promise<void>;
  onRemove: () => Promise<void>;
}

function Line({ address: a, isMany, isReadOnly, onPrimary, onRemove }: LineProps) {
  const from = a.source && `${a.source}${a.at ? `, ${longAge(a.at)}` : ''}`;
  return (
    <li className="flex min-h-9 items-center gap-2">
      <span className="min-w-0 flex-1 py-1">
        <span className="block wrap-anywhere" title={from || undefined}>
          {a.address}
        </span>
        <span className="flex items-center gap-x-2 text-xs text-ink-faint">
          {a.verified ? (
            <span className="inline-flex items-center gap-1">
              <BadgeCheck size={12} aria-hidden="true" />
              Verified
            </span>
          ) : (
            'Claimed, not verified'
          )}
          {isMany && a.primary && <span className="text-ink-soft">Primary</span>}
        </span>
      </span>
      {!isReadOnly && (
        <Menu
          label={a.address}
          placement="bottom end"
          trigger={
            <IconButton label={`More for ${a.address}`}>
              <Ellipsis size={16} />
            </IconButton>
          }
          groups={[
            {
              id: 'change',
              items: [
                ...(a.primary
                  ? []
                  : [
                      {
                        id: 'primary',
                        label: 'Make it the primary one',
                        icon: <Star size={15} />,
                        onAction: () => void onPrimary().catch(toastProblem),
                      },
                    ]),
                {
                  id: 'remove',
                  label: 'Remove',
                  icon: <Trash2 size={15} />,
                  isLoss: true,
                  onAction: () => void onRemove().catch(toastProblem),
                },
              ],
            },
          ]}
        />
      )}
    </li>
  );
}

function Add({ list, onAdd }: { list: List; onAdd: (address: string) => Promise<void> }) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState('');
  const close = () => {
    setText(null);
    setProblem('');
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!text?.trim() || isSaving) return;
    setSaving(true);
    try {
      await onAdd(text.trim());
      close();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setSaving(false);
    }
  };
  if (text === null) {
    return (
      <button
        type="button"
        onClick={() => setText('')}
        className="-mx-1 flex items-center gap-1.5 rounded-sm px-1 py-1.5 text-sm text-ink-soft hover:text-ink"
      >
        <Plus size={14} aria-hidden="true" />
        {words[list].add}
      </button>
    );
  }
  return (
    <form onSubmit={(e) => void submit(e)} noValidate className="py-1">
      <div className="flex gap-2">
        <input
          autoFocus
          aria-label={words[list].add}
          type={words[list].type}
          placeholder={words[list].placeholder}
          value={text}
          onChange={(e) => setText(e.target.value)}
          onKeyDown={(e) => e.key === 'Escape' && close()}
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? id : undefined}
          autoComplete="off"
          className="h-8 min-w-0 flex-1 rounded-md border border-line-field bg-surface px-2.5 text-base aria-invalid:border-loss"
        />
        <Button type="submit" look="primary" busy={isSaving}>
          Add
        </Button>
      </div>
      {problem && (
        <p id={id} role="alert" className="mt-1 text-sm text-loss-text">
          {problem}
        </p>
      )}
    </form>
  );
}

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, type BulkDraft } from '../api/endpoints';
import type { Attribute } from '../api/types';
import { Choice } from '../blocking/fields';
import { useSettled } from '../lib/hooks';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { BasisFields, toBasis, useBasis } from './basis';
import { useAttributes } from './profile/attributes';

interface Props {
  who: string;
  problem: string | undefined;
  isBusy: boolean;
  onClose: () => void;
  onDo: (draft: Pick<BulkDraft, 'action' | 'attribute' | 'value' | 'company_id' | 'basis'>) => void;
}

/** Gives many people an attribute, or takes it away from them. */
export function AttributeForm({ who, problem, isBusy, onClose, onDo }: Props) {
  const declared = (useAttributes().data?.data ?? []).filter((a) => a.state !== 'removing');
  const [chosen, setChosen] = useState('');
  const [text, setText] = useState('');
  const [isTaken, setTaken] = useState(false);
  const [basis, setBasis] = useBasis();
  const attribute = declared.find((a) => a.key === chosen) ?? declared[0];
  const value = attribute && !isTaken ? asKind(attribute, text) : null;
  return (
    <ValueDialog
      title={`Set an attribute of ${who}`}
      act={isTaken ? 'Take it away' : 'Set'}
      problem={problem}
      isBusy={isBusy}
      isMeant={attribute !== undefined && (isTaken || (value !== undefined && value !== null))}
      onClose={onClose}
      onDo={() =>
        attribute && onDo({ action: 'attribute', attribute: attribute.key, value, basis: toBasis(basis) })
      }
    >
      {attribute ? (
        <div className="mb-5 grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Attribute"
            value={attribute.key}
            onChange={(e) => {
              setChosen(e.target.value);
              setText('');
            }}
          >
            {declared.map((a) => (
              <option key={a.key} value={a.key}>
                {a.label || a.key}
              </option>
            ))}
          </SelectField>
          {!isTaken && (
            <Value attribute={attribute} text={text} onText={setText} isWrong={value === undefined} />
          )}
          <Choice
            label="Take it away"
            hint="Whoever has it has it no more."
            isOn={isTaken}
            onChange={setTaken}
          />
        </div>
      ) : (
        <p className="mb-5 text-ink-soft">No attribute is declared yet: Settings, Attributes.</p>
      )}
      <BasisFields value={basis} onChange={setBasis} />
    </ValueDialog>
  );
}

function Value({
  attribute: a,
  text,
  onText,
  isWrong,
}: {
  attribute: Attribute;
  text: string;
  onText: (text: string) => void;
  isWrong: boolean;
}) {
  const common = { label: 'Value', value: text };
  if (a.kind === 'boolean') {
    return (
      <SelectField {...common} onChange={(e) => onText(e.target.value)}>
        <option value="">–</option>
        <option value="true">Yes</option>
        <option value="false">No</option>
      </SelectField>
    );
  }
  return (
    <TextField
      {...common}
      type={a.kind === 'date' ? 'date' : 'text'}
      inputMode={a.kind === 'number' ? 'decimal' : undefined}
      autoComplete="off"
      hint={a.kind === 'list' ? 'Several are apart by commas.' : undefined}
      problem={isWrong ? 'A number is needed.' : undefined}
      onChange={(e) => onText(e.target.value)}
    />
  );
}

/** What was typed as the attribute's kind; null takes it away, and undefined is nothing that it can be. */
function asKind(a: Attribute, typed: string): unknown {
  const text = typed.trim();
  if (text === '') return null;
  if (a.kind === 'boolean') return text === 'true';
  if (a.kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (a.kind !== 'list') return text;
  return text
    .split(',')
    .map((t) => t.trim())
    .filter(Boolean);
}

/** Puts many people with a company, or with none. */
export function CompanyForm({ who, problem, isBusy, onClose, onDo }: Props) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string>();
  const [basis, setBasis] = useBasis();
  const q = useSettled(text.trim(), 200);
  const found = useQuery({
    queryKey: ['companies-like', q],
    queryFn: ({ signal }) => api.companiesLike(q, signal),
    enabled: q.length > 1,
    gcTime: 0,
  });
  const offered = q.length > 1 ? (found.data?.data ?? []) : [];
  const row = 'flex items-center gap-2.5 px-3 py-2 text-sm hover:bg-hover';
  return (
    <ValueDialog
      title={`Set the company of ${who}`}
      act="Set"
      problem={problem}
      isBusy={isBusy}
      isMeant={chosen !== undefined}
      onClose={onClose}
      onDo={() =>
        chosen !== undefined && onDo({ action: 'company', company_id: chosen, basis: toBasis(basis) })
      }
    >
      <TextField
        label="Company"
        hint="Found by the beginning of its name."
        autoComplete="off"
        autoFocus
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      <div
        role="radiogroup"
        aria-label="Companies"
        className="mt-2 mb-5 divide-y divide-line rounded-md border border-line"
      >
        {offered.map((c) => (
          <label key={c.id} className={row}>
            <input
              type="radio"
              name="company"
              className="accent-accent"
              checked={chosen === c.id}
              onChange={() => setChosen(c.id)}
            />
            <bdi className="truncate">{c.name}</bdi>
            <span className="ml-auto truncate text-ink-faint">{c.domains[0]}</span>
          </label>
        ))}
        <label className={row}>
          <input
            type="radio"
            name="company"
            className="accent-accent"
            checked={chosen === ''}
            onChange={() => setChosen('')}
          />
          No company
        </label>
      </div>
      <BasisFields value={basis} onChange={setBasis} />
    </ValueDialog>
  );
}

interface DialogProps extends Pick<Props, 'problem' | 'isBusy' | 'onClose'> {
  title: string;
  act: string;
  isMeant: boolean;
  onDo: () => void;
  children: ReactNode;
}

function ValueDialog({ title, act, problem, isBusy, isMeant, onClose, onDo, children }: DialogProps) {
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={!isMeant} busy={isBusy} onPress={onDo}>
            {act}
          </Button>
        </>
      }
    >
      <div className="mt-2">{children}</div>
      {problem && (
        <p role="alert" className="mt-4 text-sm text-loss-text">
          {problem}
        </p>
      )}
    </Dialog>
  );
}

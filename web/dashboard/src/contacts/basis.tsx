import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import type { Problem } from '../api/problem';
import type { Basis, LawfulBasis } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { Store } from '../lib/store';
import { SelectField, TextField } from '../ui/field';
import { usePurposes } from './consents';

/** The six lawful bases of GDPR article 6 (1), in plain words. */
export const lawfulBases: { id: LawfulBasis; label: string }[] = [
  { id: 'consent', label: 'They agreed to it (consent)' },
  { id: 'contract', label: 'A contract with them needs it' },
  { id: 'legal_obligation', label: 'The law requires it' },
  { id: 'vital_interests', label: "It protects somebody's life" },
  { id: 'public_task', label: 'It is a public task' },
  { id: 'legitimate_interests', label: 'A legitimate interest of yours' },
];

export function basisLabel(id: string): string {
  return lawfulBases.find((b) => b.id === id)?.label ?? id.replaceAll('_', ' ');
}

export interface BasisChoice {
  purpose: string;
  lawfulBasis: LawfulBasis;
  evidence: string;
}

/** The last choice of this sitting, so that ten edits do not ask ten times. */
const last = new Store<BasisChoice | null>(null);

/** Why personal data may be entered: the last choice, or what the workspace's default purpose says. */
export function useBasis(): [BasisChoice, (choice: BasisChoice) => void] {
  const purposes = usePurposes();
  const mayReadWorkspace = useCan(may.readWorkspace);
  const workspace = useQuery({
    queryKey: keys.workspace,
    queryFn: ({ signal }) => api.workspace(signal),
    enabled: mayReadWorkspace,
  });
  const [choice, setChoice] = useState<BasisChoice | null>(last.get());
  const wanted = workspace.data?.data.settings.default_purpose;
  const purpose =
    purposes.find((p) => p.key === wanted) ?? purposes.find((p) => p.key === 'support') ?? purposes[0];
  const suggested = {
    purpose: purpose?.key ?? 'support',
    lawfulBasis: purpose?.lawful_basis ?? ('legitimate_interests' as const),
    evidence: '',
  };
  return [
    choice ?? suggested,
    (next) => {
      last.set(next);
      setChoice(next);
    },
  ];
}

export function toBasis(choice: BasisChoice): Basis {
  return {
    purpose: choice.purpose,
    lawful_basis: choice.lawfulBasis,
    evidence: choice.evidence.trim() || 'entered by an operator',
  };
}

interface Props {
  value: BasisChoice;
  onChange: (choice: BasisChoice) => void;
  problem?: Problem | null;
  /** What one may say of how one knows. */
  example?: string;
  className?: string;
  /** How one knows is clear from where it is asked. */
  isKnown?: boolean;
}

/** Asks why a person's data may be kept. */
export function BasisFields({
  value,
  onChange,
  problem,
  example = 'They called on 3 May and asked for a quote',
  className = '',
  isKnown = false,
}: Props) {
  const purposes = usePurposes();
  const pickPurpose = (key: string) => {
    const purpose = purposes.find((p) => p.key === key);
    onChange({ ...value, purpose: key, lawfulBasis: purpose?.lawful_basis ?? value.lawfulBasis });
  };
  return (
    <fieldset className={`rounded-md border border-line bg-paper p-4 ${className}`}>
      <legend className="sr-only">Why you may keep this</legend>
      <p aria-hidden="true" className="mb-3 text-sm font-medium">
        Why you may keep this
      </p>
      <div className="grid gap-4 md:grid-cols-2">
        <SelectField
          label="Purpose"
          value={value.purpose}
          onChange={(e) => pickPurpose(e.target.value)}
          problem={problem?.field('purpose') ?? problem?.field('basis')}
        >
          {purposes.map((p) => (
            <option key={p.key} value={p.key}>
              {p.name}
            </option>
          ))}
          {!purposes.length && <option value={value.purpose}>{value.purpose}</option>}
        </SelectField>
        <SelectField
          label="Lawful basis"
          value={value.lawfulBasis}
          onChange={(e) => onChange({ ...value, lawfulBasis: e.target.value as LawfulBasis })}
          problem={problem?.field('lawful_basis')}
        >
          {lawfulBases.map((b) => (
            <option key={b.id} value={b.id}>
              {b.label}
            </option>
          ))}
        </SelectField>
        {!isKnown && (
          <TextField
            label="How you know"
            placeholder={example}
            value={value.evidence}
            onChange={(e) => onChange({ ...value, evidence: e.target.value })}
            problem={problem?.field('evidence')}
            className="md:col-span-2"
          />
        )}
      </div>
    </fieldset>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { usePurposes } from '../contacts/consents';
import { basisFields, consentFields, fields } from './words';

/** Chosen, it opens the dialog that declares an attribute. */
export const newAttribute = '+attribute';

type Options = [string, [string, string][]][];

/** What columns can be for here, in groups, and what those are called. */
export function useTargets() {
  const attributes = useQuery({ queryKey: keys.attributes, queryFn: ({ signal }) => api.attributes(signal) });
  const purposes = usePurposes();
  const mayDeclare = useCan(may.writeWorkspace);
  const mayConsent = useCan(may.writePrivacy);
  return useMemo(() => {
    const own: [string, string][] = [
      ...(attributes.data?.data ?? []).map((a): [string, string] => [
        `attributes.${a.key}`,
        a.label || a.key,
      ]),
      ...(attributes.data?.undeclared ?? []).map((key): [string, string] => [`attributes.${key}`, key]),
    ];
    const consents = purposes
      .filter((p) => p.lawful_basis === 'consent')
      .map((p): [string, string] => [`consent.${p.key}`, `Agreed to: ${p.name}`]);
    const groups: Options = [
      ...fields,
      ['Attributes', mayDeclare ? [...own, [newAttribute, 'New attribute…']] : own],
      ['Consent', mayConsent && consents.length > 0 ? [...consents, ...consentFields] : []],
      ['Why you may keep it', basisFields],
    ];
    const names = new Map(groups.flatMap(([, all]) => all));
    return {
      groups: groups.filter(([, all]) => all.length > 0),
      named: (target: string) => names.get(target),
    };
  }, [attributes.data, purposes, mayDeclare, mayConsent]);
}

interface Props {
  label: string;
  value: string;
  /** What the other columns are for: no two are for the same. */
  used: string[];
  targets: ReturnType<typeof useTargets>;
  onChange: (target: string) => void;
}

/** The system's own list: it works on every phone and with every screen reader. */
export function TargetSelect({ label, value, used, targets: { groups, named }, onChange }: Props) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(e) => onChange(e.target.value)}
      className={`h-9 min-w-0 flex-1 rounded-md border border-line-field bg-surface px-2.5 text-sm ${value ? '' : 'text-ink-faint'}`}
    >
      <option value="">Leave out</option>
      {value && !named(value) && <option value={value}>{value}</option>}
      {groups.map(([group, all]) => (
        <optgroup key={group} label={group}>
          {all.map(([id, name]) => (
            <option key={id} value={id} disabled={used.includes(id)}>
              {name}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

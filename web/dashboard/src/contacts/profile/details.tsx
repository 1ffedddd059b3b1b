import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Answer } from '../../api/client';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import { isStatus, Problem } from '../../api/problem';
import type { Contact, ContactChange } from '../../api/types';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { fullTime, longAge } from '../../lib/time';
import { BasisFields, toBasis, useBasis } from '../basis';
import { usePurposes } from '../consents';
import { Editable } from '../editable';
import { Card } from './block';

const shownFields = [
  { field: 'name', label: 'Name' },
  { field: 'email', label: 'E-mail', type: 'email' },
  { field: 'phone', label: 'Phone', type: 'tel' },
  { field: 'external_id', label: 'Your id' },
  { field: 'locale', label: 'Language' },
  { field: 'timezone', label: 'Time zone' },
] as const;

/** Who they are, edited in place. */
export function DetailsCard({ answer }: { answer: Answer<Contact> }) {
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
    <Card title="Details">
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
    </Card>
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

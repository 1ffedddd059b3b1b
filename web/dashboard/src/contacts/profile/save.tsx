import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Answer } from '../../api/client';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import { isStatus, Problem } from '../../api/problem';
import type { Contact, ContactChange } from '../../api/types';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { BasisFields, toBasis, useBasis } from '../basis';
import { usePurposes } from '../consents';

/** Saves changes of a person for a stated purpose, and asks for it where the server wants to know. */
export function useSave(answer: Answer<Contact>) {
  const mayWrite = useCan(may.writeContacts) && !answer.data.restricted_at;
  const [chosen, setChosen] = useBasis();
  const [isBasisShown, setBasisShown] = useState(false);
  const client = useQueryClient();
  const save = async (patch: ContactChange) => {
    try {
      await saveContact(client, answer, { ...patch, basis: toBasis(chosen) });
    } catch (error) {
      if (error instanceof Problem && error.code.startsWith('basis')) setBasisShown(true);
      throw error;
    }
  };
  return { mayWrite, save, basis: { chosen, setChosen, isBasisShown, setBasisShown } };
}

type BasisState = ReturnType<typeof useSave>['basis'];

/** What changes are made for, and the choice of another purpose. */
export function BasisLine({ basis }: { basis: BasisState }) {
  const purposes = usePurposes();
  const { chosen, setChosen, isBasisShown, setBasisShown } = basis;
  const purpose = purposes.find((p) => p.key === chosen.purpose)?.name ?? chosen.purpose;
  return (
    <>
      <button
        type="button"
        aria-expanded={isBasisShown}
        className="text-left text-xs text-ink-faint underline underline-offset-2 hover:text-ink"
        onClick={() => setBasisShown(!isBasisShown)}
      >
        Changes are made for: {purpose}
      </button>
      {isBasisShown && <BasisFields value={chosen} onChange={setChosen} className="mt-3" />}
    </>
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
    void client.invalidateQueries({ queryKey: keys.changes(answer.data.id) });
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

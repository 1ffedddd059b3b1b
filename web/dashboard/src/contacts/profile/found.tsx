import { useQueryClient } from '@tanstack/react-query';
import { ScanSearch, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { keys } from '../../api/keys';
import { problemText } from '../../api/problem';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { enrichment, names, type Standing, useChange, useStanding } from '../../enriching/data';
import { fieldText, outcomeText } from '../../enriching/words';
import { displayName } from '../../lib/names';
import { fullTime, longAge } from '../../lib/time';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { toastProblem } from '../../ui/toast';
import { Card } from './block';
import type { PartProps } from './parts';

/** What public sources said of the person: each with where from, when, and how sure. */
export default function FoundCard({ contact }: PartProps) {
  const mayWrite = useCan(may.writeContacts);
  const standing = useStanding(contact.id);
  const [isForgetting, setForgetting] = useState(false);
  const refresh = useRefresh(contact.id);
  const look = useChange(() => enrichment.lookUp(contact.id), refresh);
  const st = standing.data;
  const isWaiting = st?.state === 'waiting';
  const wasWaiting = useRef(false);
  useEffect(() => {
    if (wasWaiting.current && !isWaiting) refresh();
    wasWaiting.current = isWaiting;
  });
  if (!st || (st.why_not === 'enrichment_off' && !st.found?.length && !st.lookups?.length)) return null;
  const found = st.found ?? [];
  return (
    <Card
      title="Found in public sources"
      end={
        mayWrite &&
        found.length > 0 && (
          <Button size="sm" look="quiet" onPress={() => setForgetting(true)}>
            Forget all…
          </Button>
        )
      }
    >
      <ul className="space-y-2.5">
        {found.map((f) => (
          <FoundField key={f.field} contact={contact.id} find={f} mayWrite={mayWrite} />
        ))}
      </ul>
      <p role="status" className={`text-sm text-ink-faint ${found.length ? 'mt-3' : ''}`}>
        {isWaiting ? 'Being looked up…' : said(st)}
      </p>
      {mayWrite && st.may && (
        <Button
          size="sm"
          className="mt-3"
          icon={<ScanSearch size={14} aria-hidden="true" />}
          busy={look.isPending || isWaiting}
          onPress={() => look.mutate(undefined, { onError: toastProblem })}
        >
          Look up now
        </Button>
      )}
      {isForgetting && (
        <ForgetDialog name={displayName(contact)} contact={contact.id} onClose={() => setForgetting(false)} />
      )}
    </Card>
  );
}

type Find = NonNullable<Standing['found']>[number];

/** How the questions ended, in a sentence. */
function said(st: Standing): string {
  if (st.why_not) return `${outcomeText(st.why_not)}.`;
  if (!st.lookups?.length) return 'Not looked up yet.';
  const misses = st.lookups.filter((l) => l.outcome && l.outcome !== 'found');
  return misses.map((l) => `${l.name || 'A removed provider'}: ${outcomeText(l.outcome ?? '')}.`).join(' ');
}

function useRefresh(contactId: string): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of [names.person(contactId), keys.contact(contactId), keys.contacts])
      void client.invalidateQueries({ queryKey: key });
  };
}

function FoundField({ contact, find: f, mayWrite }: { contact: string; find: Find; mayWrite: boolean }) {
  const refresh = useRefresh(contact);
  const remove = useChange(() => enrichment.removeField(contact, f.field), refresh);
  const label = fieldText(f.field);
  return (
    <li className="flex items-start gap-2 text-sm">
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere">
          <span className="text-ink-faint">{label}</span> {f.field === 'avatar_url' ? 'kept here' : f.value}
        </p>
        <p className="text-xs text-ink-faint" title={fullTime(f.at)}>
          {f.source} · {longAge(f.at)} · {Math.round(f.confidence * 100)} % sure
        </p>
      </div>
      {mayWrite && (
        <IconButton
          label={`Remove ${label}, and do not fill it in again`}
          onPress={() => {
            if (!remove.isPending) remove.mutate(undefined, { onError: toastProblem });
          }}
        >
          <X size={14} />
        </IconButton>
      )}
    </li>
  );
}

interface ForgetProps {
  contact: string;
  name: string;
  onClose: () => void;
}

function ForgetDialog({ contact, name, onClose }: ForgetProps) {
  const refresh = useRefresh(contact);
  const forget = useChange(
    () => enrichment.forget(contact),
    () => {
      refresh();
      onClose();
    },
  );
  return (
    <Dialog
      title={`Forget what was found of ${name}?`}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button look="loss" busy={forget.isPending} onPress={() => forget.mutate()}>
            Forget all
          </Button>
        </>
      }
    >
      <p className="text-ink-soft">
        It is taken out of the profile and its history, the picture too. What they or you entered stays.
      </p>
      {forget.error && (
        <p role="alert" className="mt-3 text-sm text-loss-text">
          {problemText(forget.error)}
        </p>
      )}
    </Dialog>
  );
}

import { useMutation } from '@tanstack/react-query';
import { Eraser, EyeOff, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import type { Message } from '../api/types';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { liveCache } from '../app/runtime';
import { useCan } from '../app/session';
import { fullTime } from '../lib/time';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast, toastProblem } from '../ui/toast';
import { Linked } from './linked';

const names: Record<string, string> = {
  card: 'card number',
  iban: 'bank account',
  national_id: 'national ID number',
  password: 'password',
  key: 'key',
  other: 'part of it',
};

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** Kinds in words: "a card number and a password". */
export const kindWords = (kinds: readonly string[]): string =>
  list.format([...new Set(kinds)].map((k) => (k === 'other' ? 'part of it' : `a ${names[k] ?? 'secret'}`)));

/** What may as well be an order number is said to be no more than that. */
const looks = (places: readonly { confidence: string }[]): string =>
  places.every((place) => place.confidence === 'unsure') ? 'May be' : 'Looks like';

const found = (message: Message) => message.sensitive?.found ?? [];

/** A message's text, with what was flagged in it underlined. Places count characters, not UTF-16 units. */
export function Marked({ message }: { message: Message }) {
  const places = found(message);
  if (!places.length) return <Linked text={message.body} />;
  const characters = [...message.body];
  const text = (from: number, to?: number) => characters.slice(from, to).join('');
  return (
    <>
      {places.map((place, i) => (
        <span key={place.start}>
          <Linked text={text(places[i - 1]?.end ?? 0, place.start)} />
          <mark
            title={`${looks([place])} ${kindWords([place.kind])}`}
            className="rounded-sm bg-time-soft text-ink underline decoration-time decoration-dotted underline-offset-2"
          >
            {text(place.start, place.end)}
          </mark>
        </span>
      ))}
      <Linked text={text(places.at(-1)?.end ?? 0)} />
    </>
  );
}

/** What a message once held or holds that should not be in a chat, and the offer to take it out. */
export function SensitiveLine({ message }: { message: Message }) {
  const [isAsking, setAsking] = useState(false);
  const mayRedact = useCan(may.writeInbox);
  const { redaction, sensitive } = message;
  const masked = sensitive?.masked ?? [];
  const flagged = found(message).map((f) => f.kind);
  if (!redaction && !masked.length && !flagged.length) return null;
  return (
    <div className="mt-1 mb-1.5 flex flex-wrap items-start gap-x-3 gap-y-1 text-xs text-ink-faint">
      {flagged.length > 0 && (
        <span className="inline-flex items-start gap-1 text-time-text">
          <ShieldAlert size={12} className="mt-0.5 shrink-0" aria-hidden="true" />
          {looks(found(message))} {kindWords(flagged)}
        </span>
      )}
      {flagged.length > 0 && mayRedact && (
        <button
          type="button"
          onClick={() => setAsking(true)}
          className="inline-flex items-start gap-1 rounded-sm font-medium text-ink-soft underline underline-offset-2 hover:text-ink"
        >
          <Eraser size={12} className="mt-0.5 shrink-0" aria-hidden="true" />
          Redact
        </button>
      )}
      {masked.length > 0 && (
        <span className="inline-flex items-start gap-1">
          <EyeOff size={12} className="mt-0.5 shrink-0" aria-hidden="true" />
          Held {kindWords(masked)}: hidden on arrival, never stored
        </span>
      )}
      {redaction && (
        <span className="inline-flex items-start gap-1" title={fullTime(message.redacted_at ?? '')}>
          <Eraser size={12} className="mt-0.5 shrink-0" aria-hidden="true" />
          {redaction.whole ? 'Removed' : `Redacted: ${kindWords(redaction.kinds ?? [])},`} by{' '}
          {redaction.by.name || 'your website'}
        </span>
      )}
      {isAsking && <RedactDialog message={message} onClose={() => setAsking(false)} />}
    </div>
  );
}

function RedactDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const redact = useMutation({
    mutationFn: (whole: boolean) => api.redact(message.conversation_id, message.id, whole),
    onSuccess: (stored) => {
      liveCache.redacted(stored.conversation_id, stored);
      toast('Redacted. It is gone for everybody.');
      onClose();
    },
    onError: toastProblem,
  });
  return (
    <Dialog
      title="Redact this message?"
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button busy={redact.isPending} onPress={() => redact.mutate(true)}>
            Remove all of it
          </Button>
          <Button look="loss" busy={redact.isPending} onPress={() => redact.mutate(false)}>
            Redact
          </Button>
        </>
      }
    >
      <p className="text-ink-soft">
        It holds what {looks(found(message)) === 'May be' ? 'may be' : 'looks like'}{' '}
        {kindWords(found(message).map((f) => f.kind))}. Redacting takes that out for good, here and for the
        person who reads along: nobody can bring it back. Who did it and when stays on record. Backups made
        before still hold it, sealed.
      </p>
    </Dialog>
  );
}

/** The key that offers to redact the newest message in which something was found. */
export function RedactByKey({ messages }: { messages: readonly Message[] }) {
  const [asked, setAsked] = useState<Message>();
  const newest = messages.find((m) => found(m).length > 0);
  const mayRedact = useCan(may.writeInbox);
  useCommand('redact', () => setAsked(newest), mayRedact && newest !== undefined);
  return asked && <RedactDialog message={asked} onClose={() => setAsked(undefined)} />;
}

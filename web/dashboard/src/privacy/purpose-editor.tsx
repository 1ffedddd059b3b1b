import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { LawfulBasis, Purpose } from '../api/types';
import { lawfulBases } from '../contacts/basis';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextArea, TextField } from '../ui/field';
import { toast } from '../ui/toast';

const languages: Record<string, string> = {
  en: 'English',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  pl: 'Polish',
  ar: 'Arabic',
};

const language = (tag: string) => languages[tag] ?? tag;

interface Text {
  name: string;
  wording: string;
}

interface Draft {
  key: string;
  basis: LawfulBasis;
  base: string;
  texts: Record<string, Text>;
}

function draftOf(p: Purpose | null): Draft {
  if (!p) return { key: '', basis: 'consent', base: 'en', texts: { en: { name: '', wording: '' } } };
  const base = p.locale ?? 'en';
  return {
    key: p.key,
    basis: p.lawful_basis,
    base,
    texts: { ...p.translations, [base]: { name: p.name, wording: p.wording } },
  };
}

/** Writes a purpose, or a new version of one, language by language, and shows it as people will see it. */
export function PurposeEditor({ purpose, onClose }: { purpose: Purpose | null; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(purpose));
  const [shown, setShown] = useState(draft.base);
  const client = useQueryClient();
  const text = draft.texts[shown] ?? { name: '', wording: '' };
  const base = draft.texts[draft.base];
  const save = useMutation({
    mutationFn: () => {
      const { [draft.base]: own, ...translations } = draft.texts;
      return api.setPurpose({
        key: draft.key.trim(),
        lawful_basis: draft.basis,
        locale: draft.base,
        name: own?.name.trim() ?? '',
        wording: own?.wording.trim() ?? '',
        translations,
      });
    },
    onSuccess: (p) => {
      toast(`Saved as version ${p.version}.`);
      void client.invalidateQueries({ queryKey: keys.purposes });
      onClose();
    },
  });
  const write = (change: Partial<Text>) =>
    setDraft((d) => ({ ...d, texts: { ...d.texts, [shown]: { ...text, ...change } } }));
  const missing = Object.keys(languages).filter((tag) => !draft.texts[tag]);
  const isReady = draft.key.trim() !== '' && !!base?.name.trim() && !!base.wording.trim();
  return (
    <Dialog
      title={purpose ? `Change ${purpose.name}` : 'Add a purpose'}
      isOpen
      isAlert
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={!isReady} busy={save.isPending} onPress={() => save.mutate()}>
            {purpose ? `Save as version ${purpose.version + 1}` : 'Add'}
          </Button>
        </>
      }
    >
      {purpose && (
        <p className="mt-2 rounded-md border border-time-line bg-time-soft px-3 py-2 text-sm text-time-text">
          A change is a new version. Consents to version {purpose.version} stay on record with the words that
          people saw; new ones are asked with yours.
        </p>
      )}
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        {!purpose && (
          <TextField
            label="Key"
            hint="For your code: lower-case words joined by _"
            value={draft.key}
            onChange={(e) => setDraft({ ...draft, key: e.target.value })}
          />
        )}
        <SelectField
          label="Lawful basis"
          value={draft.basis}
          onChange={(e) => setDraft({ ...draft, basis: e.target.value as LawfulBasis })}
        >
          {lawfulBases.map((b) => (
            <option key={b.id} value={b.id}>
              {b.label}
            </option>
          ))}
        </SelectField>
        <SelectField label="Language" value={shown} onChange={(e) => setShown(e.target.value)}>
          {[...Object.keys(draft.texts), ...missing].map((tag) => (
            <option key={tag} value={tag}>
              {language(tag)}
              {tag === draft.base ? ', the first' : draft.texts[tag] ? '' : ', not written yet'}
            </option>
          ))}
        </SelectField>
      </div>
      <TextField
        className="mt-4"
        label={`Name in ${language(shown)}`}
        maxLength={120}
        value={text.name}
        onChange={(e) => write({ name: e.target.value })}
      />
      <TextArea
        className="mt-4"
        label={`Wording in ${language(shown)}`}
        hint="Exactly what people read before they decide."
        dir="auto"
        maxLength={2000}
        value={text.wording}
        onChange={(e) => write({ wording: e.target.value })}
      />
      {shown !== draft.base && draft.texts[shown] && (
        <Button
          size="sm"
          look="quiet"
          className="mt-2"
          onPress={() => {
            const { [shown]: _, ...rest } = draft.texts;
            setDraft({ ...draft, texts: rest });
            setShown(draft.base);
          }}
        >
          Leave {language(shown)} out
        </Button>
      )}
      <Preview text={text} basis={draft.basis} />
      {save.error && (
        <p role="alert" className="mt-3 text-sm text-loss-text">
          {problemText(save.error)}
        </p>
      )}
    </Dialog>
  );
}

/** How it looks to people. Where it asks, nothing is ticked for them. */
function Preview({ text, basis }: { text: Text; basis: LawfulBasis }) {
  return (
    <figure className="mt-5 rounded-md border border-line bg-sunken p-4">
      <figcaption className="mb-2 text-xs text-ink-faint">What people see</figcaption>
      <p className="text-sm font-medium" dir="auto">
        {text.name || 'Name'}
      </p>
      <p className="mt-1 flex gap-2.5 text-sm text-ink-soft" dir="auto">
        {basis === 'consent' && (
          <span
            aria-hidden="true"
            className="mt-0.5 size-4 shrink-0 rounded-sm border border-line-field bg-surface"
          />
        )}
        {text.wording || 'Wording'}
      </p>
      {basis === 'consent' && (
        <p className="mt-2 text-xs text-ink-faint">Never ticked beforehand: they tick it, or they do not.</p>
      )}
    </figure>
  );
}

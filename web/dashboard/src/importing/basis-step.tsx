import { useState } from 'react';
import { Problem, problemText } from '../api/problem';
import type { LawfulBasis } from '../api/types';
import { FormProblem } from '../auth/frame';
import { type BasisChoice, BasisFields, useBasis } from '../contacts/basis';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { type ImportPreview, type ImportSettings, useChange } from './data';
import { Footer } from './footer';
import { Tick } from './reading';
import { hasConsents, matchWords } from './words';

/** What each lawful basis of GDPR article 6 (1) asks of you, in plain words. */
const meaning: Record<LawfulBasis, string> = {
  consent:
    'Each of them said yes to this, and you can show when and to which words. Have a column that says so for each person, or leave out those who did not.',
  contract:
    'They buy from you, or asked you to before they do, and you cannot do it without this data. It covers no advertising.',
  legal_obligation: 'A law says that you must keep this data. You can name the law.',
  vital_interests:
    'Somebody’s life or health depends on it. This is hardly ever true of a list of customers.',
  public_task: 'You are an authority, or do an authority’s work, and the law gives you this task.',
  legitimate_interests:
    'You need it for something reasonable that they would expect, and it does not outweigh their interests. You wrote down why. They may object at any time.',
};

const onMatch: { id: ImportSettings['on_match']; label: string; hint: string }[] = [
  { id: 'update', label: 'Update them', hint: 'What the row says replaces what is there.' },
  { id: 'fill', label: 'Only fill what is empty', hint: 'What is there already stays.' },
  { id: 'skip', label: 'Leave them as they are', hint: 'Only new people are added.' },
];

/** Asks why the data may be kept, and how people are recognised who are there already. */
export function BasisStep({
  one,
  onBack,
  onNext,
}: {
  one: ImportPreview;
  onBack: () => void;
  onNext: () => void;
}) {
  const change = useChange(one.id);
  const [suggested, setSuggested] = useBasis();
  const stated = one.settings.basis;
  const [basis, setBasis] = useState<BasisChoice | null>(
    stated
      ? { purpose: stated.purpose, lawfulBasis: stated.lawful_basis, evidence: stated.evidence ?? '' }
      : null,
  );
  const chosen = basis ?? suggested;
  const [isAsked, setAsked] = useState(one.settings.asked_in_full);
  const [missing, setMissing] = useState('');
  const needsAsked = hasConsents(one.columns);
  const problem = change.error instanceof Problem ? change.error : null;
  const next = () => {
    if (!chosen.evidence.trim()) {
      setMissing('Say how you know: what the list is, where it comes from, and when.');
      return;
    }
    if (needsAsked && !isAsked) {
      setMissing('Confirm that those who said yes were shown the wording, or leave the consent columns out.');
      return;
    }
    setMissing('');
    setSuggested(chosen);
    change.mutate(
      {
        basis: {
          purpose: chosen.purpose,
          lawful_basis: chosen.lawfulBasis,
          evidence: chosen.evidence.trim(),
        },
        asked_in_full: isAsked,
      },
      { onSuccess: onNext },
    );
  };
  return (
    <>
      <section aria-label="Why you may keep this" className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_17rem]">
        <div>
          <BasisFields
            value={chosen}
            onChange={setBasis}
            problem={problem}
            example="Our customers of 2026, from the old CRM"
            className="bg-surface!"
          />
          {needsAsked && (
            <div className="mt-4 text-sm">
              <Tick
                label="Whoever said yes in a consent column was shown the present wording of that purpose"
                isOn={isAsked}
                onChange={setAsked}
              />
            </div>
          )}
        </div>
        <aside className="text-sm text-ink-soft">
          <h2 className="font-medium text-ink">What this basis asks of you</h2>
          <p className="mt-1">{meaning[chosen.lawfulBasis]}</p>
          <p className="mt-3 text-ink-faint">
            It is recorded with each person, shown in their export, and asked about when somebody uses the
            data.
          </p>
        </aside>
      </section>
      <Recognise one={one} change={change} />
      {(missing || (problem && !problem.fields.length)) && (
        <div className="mt-4">
          <FormProblem text={missing || problemText(change.error)} />
        </div>
      )}
      <Footer id={one.id}>
        <Button onPress={onBack}>Back</Button>
        <Button look="primary" busy={change.isPending} onPress={next}>
          Continue
        </Button>
      </Footer>
    </>
  );
}

function Recognise({ one, change }: { one: ImportPreview; change: ReturnType<typeof useChange> }) {
  const s = one.settings;
  const mapped = (by: string) => one.columns.some((c) => c.target === by);
  return (
    <section aria-label="Who is there already" className="mt-6">
      <h2 className="mb-3 text-md font-semibold">Who is there already</h2>
      <div className="grid gap-5 md:grid-cols-2">
        <SelectField
          label="People are recognised by"
          hint="A row without it is not imported."
          value={s.match_by}
          problem={mapped(s.match_by) ? undefined : 'No column is for it.'}
          onChange={(e) => change.mutate({ match_by: e.target.value as typeof s.match_by })}
        >
          {Object.entries(matchWords).map(([id, label]) => (
            <option key={id} value={id} disabled={!mapped(id) && id !== s.match_by}>
              {label.charAt(0).toUpperCase() + label.slice(1)}
            </option>
          ))}
        </SelectField>
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">What becomes of them</legend>
          <div className="space-y-2">
            {onMatch.map((o) => (
              <label key={o.id} className="flex items-start gap-2 text-sm">
                <input
                  type="radio"
                  name="on-match"
                  checked={s.on_match === o.id}
                  onChange={() => change.mutate({ on_match: o.id })}
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                />
                <span>
                  {o.label}
                  <span className="block text-ink-faint">{o.hint}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      </div>
    </section>
  );
}

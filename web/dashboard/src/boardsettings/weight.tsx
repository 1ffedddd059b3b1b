import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { SegmentPicker } from '../segments/picker';
import { Button, IconButton } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import type { DraftWeight } from './draft';
import type { PartProps } from './form';
import { Note, OneOf, Section, Tick } from './parts';

const ways = [
  { id: 'votes', label: 'All the same', hint: 'Everybody counts as one.' },
  {
    id: 'attribute',
    label: 'By a number that you know of people',
    hint: 'Such as what they pay a month. Who has none weighs nothing.',
  },
  { id: 'segments', label: 'By segments', hint: 'Of the segments that somebody is in, the heaviest counts.' },
] as const;

const most = 20;

/** What a vote weighs when operators sort by it. People see the count of votes alone. */
export function Weight({ board, draft, set, mayWrite, wrong }: PartProps) {
  const w = draft.weight;
  const put = (to: Partial<DraftWeight>) => set({ weight: { ...w, ...to } });
  return (
    <Section
      id="weight"
      title="What a vote weighs"
      intro="For your own order by weight. The public pages show how many voted, and nothing of this."
    >
      {board.weight.problem && (
        <Note tone="time">
          {board.weight.problem === 'attribute'
            ? 'The attribute cannot be used any more: it is gone, or it counts as personal now. Nobody weighs by it.'
            : 'A segment cannot be used any more. Nobody weighs by it.'}
        </Note>
      )}
      {board.weight.state === 'weighing' && (
        <Note tone="plain">Votes are being weighed anew. The order by weight is not right until then.</Note>
      )}
      <OneOf
        label="Votes weigh"
        name="weight"
        value={w.by}
        options={ways}
        onChange={(by) => put({ by })}
        isDisabled={!mayWrite}
      />
      {w.by === 'attribute' && (
        <Attribute
          value={w.attribute}
          onChange={(attribute) => put({ attribute })}
          problem={wrong('weight.attribute')}
          mayWrite={mayWrite}
        />
      )}
      {w.by === 'segments' && <Segments weight={w} put={put} mayWrite={mayWrite} wrong={wrong} />}
      <Tick
        label="How much it matters to them counts, too"
        hint="A vote counts twice where the wish is important to its voter, three times where it is essential."
        isOn={w.importance}
        isDisabled={!mayWrite}
        onChange={(importance) => put({ importance })}
      />
    </Section>
  );
}

interface AttributeProps {
  value: string;
  onChange: (key: string) => void;
  problem: string | undefined;
  mayWrite: boolean;
}

function Attribute({ value, onChange, problem, mayWrite }: AttributeProps) {
  const mayRead = useCan(may.readContacts);
  const list = useQuery({
    queryKey: keys.attributes,
    queryFn: ({ signal }) => api.attributes(signal),
    enabled: mayRead,
  });
  const able = (list.data?.data ?? []).filter((a) => a.kind === 'number' && !a.personal);
  const isKnown = able.some((a) => a.key === value);
  return (
    <SelectField
      label="The number"
      disabled={!mayWrite}
      value={value}
      onChange={(e) => onChange(e.target.value)}
      problem={problem}
      hint={
        list.data && !able.length ? (
          <>
            There is none yet. Declare an attribute that is a number and not personal under{' '}
            <Link
              to="/settings/attributes"
              className="font-medium text-accent-text underline underline-offset-2"
            >
              Attributes
            </Link>
            .
          </>
        ) : (
          'Of the attributes that are numbers and not personal.'
        )
      }
    >
      <option value="">Choose one…</option>
      {!isKnown && value && <option value={value}>{value}</option>}
      {able.map((a) => (
        <option key={a.key} value={a.key}>
          {a.label || a.key}
        </option>
      ))}
    </SelectField>
  );
}

interface SegmentsProps {
  weight: DraftWeight;
  put: (to: Partial<DraftWeight>) => void;
  mayWrite: boolean;
  wrong: (field: string) => string | undefined;
}

function Segments({ weight: w, put, mayWrite, wrong }: SegmentsProps) {
  const change = (at: number, to: Partial<DraftWeight['segments'][number]>) =>
    put({ segments: w.segments.map((s, i) => (i === at ? { ...s, ...to } : s)) });
  return (
    <fieldset disabled={!mayWrite} className="space-y-2">
      <legend className="mb-1.5 text-sm font-medium">Segments and what a vote of theirs weighs</legend>
      {w.segments.map((s, i) => (
        <div key={s.id} className="flex items-start gap-2">
          <SegmentPicker
            label={`Segment ${i + 1}`}
            hideLabel
            none="Choose a segment…"
            value={s.segment_id}
            onChange={(segment_id) => change(i, { segment_id })}
            problem={wrong(`weight.segments[${i}].segment_id`)}
            className="min-w-0 flex-1"
          />
          <TextField
            label={`Weight of segment ${i + 1}`}
            hideLabel
            inputMode="decimal"
            maxLength={10}
            value={s.weight}
            onChange={(e) => change(i, { weight: e.target.value })}
            problem={wrong(`weight.segments[${i}].weight`)}
            className="w-28"
          />
          <IconButton
            label={`Remove segment ${i + 1}`}
            onPress={() => put({ segments: w.segments.filter((_, at) => at !== i) })}
          >
            <X size={15} />
          </IconButton>
        </div>
      ))}
      {wrong('weight.segments') && (
        <p role="alert" className="text-sm text-loss-text">
          {wrong('weight.segments')}
        </p>
      )}
      {mayWrite && w.segments.length < most && (
        <Button
          size="sm"
          icon={<Plus size={14} aria-hidden="true" />}
          onPress={() =>
            put({
              segments: [...w.segments, { id: crypto.randomUUID(), segment_id: '', weight: '2' }],
            })
          }
        >
          Add a segment
        </Button>
      )}
      <TextField
        label="Everybody else weighs"
        inputMode="decimal"
        maxLength={10}
        value={w.default}
        onChange={(e) => put({ default: e.target.value })}
        problem={wrong('weight.default')}
        className="pt-2 [&_input]:max-w-28"
      />
    </fieldset>
  );
}

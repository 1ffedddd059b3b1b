import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { RetentionCategory, RetentionDraft, RetentionResult, RetentionSettings } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { fieldBox } from '../ui/field';
import { toast } from '../ui/toast';
import { Preview } from './retention-preview';
import { aboutDays, categoryWords, titleOf } from './retention-words';

/** A rule as it is being written: days as typed, empty for no rule. */
interface Line {
  category: string;
  purpose: string;
  scope: string;
  days: string;
}

const lineOf = (r: RetentionDraft): Line => ({
  category: r.category,
  purpose: r.purpose ?? '',
  scope: r.scope ?? '',
  days: String(r.days),
});

/** Every category has a line for everybody, written or not. */
function linesOf(settings: RetentionSettings): Line[] {
  const lines = settings.rules.map(lineOf);
  for (const c of settings.categories) {
    if (!lines.some((l) => l.category === c.category && !l.purpose))
      lines.push({ category: c.category, purpose: '', scope: c.scopes[0] ?? '', days: '' });
  }
  return lines;
}

const draftsOf = (lines: Line[]): RetentionDraft[] =>
  lines
    .filter((l) => l.days.trim())
    .map((l) => ({
      category: l.category,
      days: Number(l.days),
      ...(l.purpose && { purpose: l.purpose }),
      ...(l.scope && { scope: l.scope as 'resolved' | 'all' }),
    }));

function problemOf(line: Line, category: RetentionCategory): string | undefined {
  const days = line.days.trim();
  if (!days) return undefined;
  if (!/^\d+$/.test(days) || Number(days) > 36500) return 'Write a number of days.';
  return Number(days) < category.min_days ? `At least ${category.min_days} days.` : undefined;
}

export function RulesForm({ settings, etag }: { settings: RetentionSettings; etag: string | null }) {
  const mayWrite = useCan(may.writePrivacy);
  const client = useQueryClient();
  const [lines, setLines] = useState(() => linesOf(settings));
  const [results, setResults] = useState<RetentionResult[] | null>(null);
  const drafts = draftsOf(lines);
  const isChanged = JSON.stringify(drafts) !== JSON.stringify(draftsOf(linesOf(settings)));
  const isWrong = lines.some((l) => {
    const c = settings.categories.find((one) => one.category === l.category);
    return c && problemOf(l, c);
  });
  const trying = useMutation({
    mutationFn: () => api.tryRetention(drafts),
    onSuccess: (d) => setResults(d.results),
  });
  const saving = useMutation({
    mutationFn: () => api.setRetention(drafts, etag),
    onSuccess: (answer) => {
      setResults(null);
      client.setQueryData(keys.retention, answer);
      void client.invalidateQueries({ queryKey: keys.catalogue });
      toast('Rules saved. The next run applies them.');
    },
  });
  const change = (at: Line, next: Partial<Line> | null) =>
    setLines((all) => all.flatMap((l) => (l !== at ? [l] : next ? [{ ...l, ...next }] : [])));
  const shown = Object.keys(categoryWords)
    .map((name) => settings.categories.find((c) => c.category === name))
    .filter((c) => c !== undefined);
  return (
    <>
      <p className="mb-4 max-w-xl text-sm text-ink-soft">
        Nothing ever goes of people whose data is restricted or under a legal hold.
      </p>
      <ul className="divide-y divide-line rounded-md border border-line">
        {shown.map((c) => (
          <CategoryRow
            key={c.category}
            category={c}
            lines={lines.filter((l) => l.category === c.category)}
            mayWrite={mayWrite}
            onChange={change}
            onAdd={(purpose) =>
              setLines((all) => [
                ...all,
                { category: c.category, purpose, scope: c.scopes[0] ?? '', days: '' },
              ])
            }
          />
        ))}
      </ul>
      {mayWrite && (
        <div
          className={`flex flex-wrap items-center gap-3 bg-surface py-4 ${isChanged ? 'sticky bottom-0 border-t border-line' : ''}`}
        >
          <Button
            look={isChanged ? 'primary' : 'plain'}
            isDisabled={isWrong || (!isChanged && drafts.length === 0)}
            busy={trying.isPending}
            onPress={() => trying.mutate()}
          >
            {isChanged ? 'See what would go' : 'Count what would go now'}
          </Button>
          {isChanged && (
            <Button look="quiet" onPress={() => setLines(linesOf(settings))}>
              Undo changes
            </Button>
          )}
          {trying.error && <p className="text-sm text-loss-text">{problemText(trying.error)}</p>}
        </div>
      )}
      <Dialog
        title={isChanged ? 'Before you save' : 'What would go now'}
        isOpen={results !== null}
        onClose={() => setResults(null)}
        width="md"
        footer={
          isChanged ? (
            <>
              <Button onPress={() => setResults(null)}>Back</Button>
              <Button look="primary" busy={saving.isPending} onPress={() => saving.mutate()}>
                Save rules
              </Button>
            </>
          ) : (
            <Button onPress={() => setResults(null)}>Close</Button>
          )
        }
      >
        {results && <Preview results={results} isRemoval={false} />}
        {saving.error && (
          <p role="alert" className="mt-3 text-sm text-loss-text">
            {problemText(saving.error)}
          </p>
        )}
      </Dialog>
    </>
  );
}

interface RowProps {
  category: RetentionCategory;
  lines: Line[];
  mayWrite: boolean;
  onChange: (at: Line, next: Partial<Line> | null) => void;
  onAdd: (purpose: string) => void;
}

function CategoryRow({ category, lines, mayWrite, onChange, onAdd }: RowProps) {
  const { data: purposes } = useQuery({
    queryKey: keys.purposes,
    queryFn: ({ signal }) => api.purposes(signal),
  });
  const free = (purposes?.data ?? []).filter((p) => !lines.some((l) => l.purpose === p.key));
  const nameOf = (key: string) => purposes?.data.find((p) => p.key === key)?.name ?? key;
  const sorted = [...lines].sort((a, b) => a.purpose.localeCompare(b.purpose));
  return (
    <li className="grid gap-x-8 gap-y-3 px-4 py-4 md:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      <div>
        <h2 className="font-medium">{titleOf(category.category)}</h2>
        <p className="mt-1 text-sm text-ink-soft">{category.what}</p>
        {category.spared && <p className="mt-1 text-sm text-ink-faint">{category.spared}</p>}
      </div>
      <div className="space-y-3">
        {sorted.map((l) => (
          <RuleLine
            key={l.purpose}
            line={l}
            category={category}
            who={l.purpose ? `kept for ${nameOf(l.purpose)} alone` : ''}
            mayWrite={mayWrite}
            onChange={onChange}
          />
        ))}
        {mayWrite && category.purposes && free.length > 0 && (
          <label className="flex items-center gap-1.5 text-sm text-ink-soft">
            <Plus size={14} aria-hidden="true" />
            <span className="sr-only">A rule of {titleOf(category.category)} for one purpose</span>
            <select
              value=""
              onChange={(e) => onAdd(e.target.value)}
              className="max-w-full rounded-sm bg-transparent py-1 text-sm text-ink-soft hover:text-ink"
            >
              <option value="">Another term for one purpose…</option>
              {free.map((p) => (
                <option key={p.key} value={p.key}>
                  {p.name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
    </li>
  );
}

interface LineProps {
  line: Line;
  category: RetentionCategory;
  who: string;
  mayWrite: boolean;
  onChange: (at: Line, next: Partial<Line> | null) => void;
}

function RuleLine({ line, category, who, mayWrite, onChange }: LineProps) {
  const problem = problemOf(line, category);
  const about = problem ? '' : aboutDays(Number(line.days));
  const label = `${categoryWords[category.category]?.keep ?? 'Keep for'}${who && `, ${who}`}`;
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 text-sm">
        <label className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
          <span className="text-ink-soft">{label}</span>
          <input
            inputMode="numeric"
            value={line.days}
            disabled={!mayWrite}
            placeholder="–"
            aria-invalid={problem ? true : undefined}
            onChange={(e) => onChange(line, { days: e.target.value })}
            className={`h-8 w-20! px-2 text-right tabular-nums ${fieldBox}`}
          />
          <span className="text-ink-soft">days</span>
        </label>
        {about && <span className="text-ink-faint">{about}</span>}
        {!line.days.trim() && <span className="text-ink-faint">no rule</span>}
        {line.purpose && mayWrite && (
          <IconButton label="Take this rule away" onPress={() => onChange(line, null)}>
            <X size={14} />
          </IconButton>
        )}
      </div>
      {category.scopes.length > 1 && line.days.trim() && (
        <label className="mt-1.5 flex items-center gap-2 text-sm text-ink-soft">
          <input
            type="checkbox"
            disabled={!mayWrite}
            checked={line.scope === 'all'}
            onChange={(e) => onChange(line, { scope: e.target.checked ? 'all' : 'resolved' })}
            className="size-4 accent-accent"
          />
          Conversations that are not resolved, too
        </label>
      )}
      {problem && (
        <p role="alert" className="mt-1 text-sm text-loss-text">
          {problem}
        </p>
      )}
    </div>
  );
}

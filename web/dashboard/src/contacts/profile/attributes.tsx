import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import type { Attribute } from '../../api/types';
import { longAge } from '../../lib/time';
import { Seal } from '../../ui/bits';
import { toastProblem } from '../../ui/toast';
import { Editable } from '../editable';
import { Card } from './block';
import type { PartProps } from './parts';
import { useSave } from './save';

/** The workspace's declarations, kept while anybody looks. */
export function useAttributes() {
  return useQuery({
    queryKey: keys.attributes,
    queryFn: ({ signal }) => api.attributes(signal),
    staleTime: 60_000,
  });
}

/** What the workspace wants to know of people, typed, and what came in beside it. */
export function AttributesCard({ answer }: PartProps) {
  const { mayWrite, save } = useSave(answer);
  const declared = useAttributes().data?.data ?? [];
  const values: Record<string, unknown> = answer.data.attributes ?? {};
  const others = Object.keys(values).filter((key) => !declared.some((a) => a.key === key));
  if (!declared.length && !others.length) return null;
  const set = (key: string, value: unknown) => save({ attributes: { [key]: value } });
  return (
    <Card title="Attributes">
      {declared
        .filter((a) => a.state !== 'removing')
        .map((a) => (
          <Value key={a.key} attribute={a} value={values[a.key]} isReadOnly={!mayWrite} onSave={set} />
        ))}
      {others.map((key) => (
        <Editable
          key={key}
          field={`attributes.${key}`}
          label={key.replaceAll('_', ' ')}
          value={shown(values[key])}
          isReadOnly={!mayWrite || typeof values[key] !== 'string'}
          onSave={(text) => set(key, text || null)}
        />
      ))}
      <p className="pt-3">
        <Seal label="Personal ones are sealed" />
      </p>
    </Card>
  );
}

interface ValueProps {
  attribute: Attribute;
  value: unknown;
  isReadOnly: boolean;
  onSave: (key: string, value: unknown) => Promise<void>;
}

function Value({ attribute: a, value, isReadOnly, onSave }: ValueProps) {
  if (a.kind === 'boolean') {
    return (
      <label className="flex min-h-9 items-center gap-x-4 border-b border-line py-0.5 last:border-0">
        <span className="w-24 shrink-0 text-sm text-ink-faint">{a.label}</span>
        <select
          value={value === undefined ? '' : String(value)}
          disabled={isReadOnly}
          onChange={(e) =>
            void onSave(a.key, e.target.value === '' ? null : e.target.value === 'true').catch(toastProblem)
          }
          className="-mx-2 h-8 flex-1 rounded-sm bg-transparent px-1.5 hover:bg-hover"
        >
          <option value="">–</option>
          <option value="true">Yes</option>
          <option value="false">No</option>
        </select>
      </label>
    );
  }
  const isDay = a.kind === 'date' && (value === undefined || /^\d{4}-\d\d-\d\d$/.test(String(value)));
  return (
    <Editable
      field={`attributes.${a.key}`}
      label={a.label}
      value={shown(value)}
      type={isDay ? 'date' : a.kind === 'number' ? 'number' : 'text'}
      isReadOnly={isReadOnly}
      onSave={(text) => onSave(a.key, typed(a, text))}
    />
  );
}

/** What was typed as the attribute's kind: the server says what does not fit. */
function typed(a: Attribute, text: string): unknown {
  if (!text) return null;
  if (a.kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  if (a.kind === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  return text;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What the visitor says of themselves: beside the facts until somebody takes it over or lets it go. */
export function ClaimsCard({ answer }: PartProps) {
  const { mayWrite, save } = useSave(answer);
  const declared = useAttributes().data?.data ?? [];
  const claims = Object.entries(answer.data.claims ?? {});
  if (!claims.length) return null;
  const label = (field: string) => {
    const key = field.replace('attributes.', '');
    return declared.find((a) => a.key === key)?.label ?? key.replaceAll('_', ' ');
  };
  const takeOver = (field: string, value: unknown) =>
    field.startsWith('attributes.')
      ? save({ attributes: { [field.slice('attributes.'.length)]: value } })
      : save({ [field]: value as string });
  return (
    <Card title="Said by the visitor, not verified">
      <ul>
        {claims.map(([field, claim]) => (
          <li key={field} className="border-b border-line py-2 last:border-0">
            <p className="flex gap-4">
              <span className="w-24 shrink-0 text-sm text-ink-faint first-letter:uppercase">
                {label(field)}
              </span>
              <span className="min-w-0 flex-1 text-ink-soft wrap-anywhere italic">
                “{shown(claim.value)}”
              </span>
            </p>
            <p className="mt-1 flex flex-wrap items-center gap-x-4 pl-28 text-xs text-ink-faint">
              <span>{longAge(claim.at)}</span>
              {mayWrite && (
                <>
                  <button
                    type="button"
                    className="font-medium text-accent-text underline underline-offset-2"
                    onClick={() => void takeOver(field, claim.value).catch(toastProblem)}
                    aria-label={`Take over ${label(field)}`}
                  >
                    Take over
                  </button>
                  <button
                    type="button"
                    className="underline underline-offset-2 hover:text-ink"
                    onClick={() => void save({ dismiss_claims: [field] }).catch(toastProblem)}
                    aria-label={`Dismiss ${label(field)}`}
                  >
                    Dismiss
                  </button>
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

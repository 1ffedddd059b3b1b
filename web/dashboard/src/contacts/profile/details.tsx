import { useMinute } from '../../lib/hooks';
import { fullTime, longAge } from '../../lib/time';
import { Editable } from '../editable';
import { Card } from './block';
import type { PartProps } from './parts';
import { BasisLine, useSave } from './save';

const shownFields = [
  { field: 'name', label: 'Name' },
  { field: 'first_name', label: 'First name' },
  { field: 'last_name', label: 'Last name' },
  { field: 'external_id', label: 'Your id' },
  { field: 'locale', label: 'Language' },
  { field: 'timezone', label: 'Time zone' },
] as const;

/** Who they are, edited in place. */
export function DetailsCard({ answer }: PartProps) {
  const { mayWrite, save, basis } = useSave(answer);
  const c = answer.data;
  return (
    <Card title="Details">
      {shownFields.map(({ field, label }) => (
        <Editable
          key={field}
          field={field}
          label={label}
          value={c[field] ?? ''}
          isReadOnly={!mayWrite}
          onSave={(value) => save({ [field]: value })}
        />
      ))}
      <p className="flex flex-wrap gap-x-4 pt-3 text-xs text-ink-faint">
        <LocalTime timezone={c.timezone} />
        <span title={fullTime(c.created_at)}>First seen {longAge(c.created_at)}</span>
        {c.last_seen_at && <span title={fullTime(c.last_seen_at)}>Last seen {longAge(c.last_seen_at)}</span>}
      </p>
      {mayWrite && <BasisLine basis={basis} />}
    </Card>
  );
}

/** What their clock says, so that nobody is rung at night. */
function LocalTime({ timezone }: { timezone: string }) {
  const now = useMinute();
  if (!timezone) return null;
  try {
    const time = now.toLocaleTimeString('en-GB', {
      timeZone: timezone,
      hour: '2-digit',
      minute: '2-digit',
      weekday: 'short',
    });
    return <span className="text-ink-soft tabular-nums">{time} where they are</span>;
  } catch {
    return null; // a zone that this browser does not know
  }
}

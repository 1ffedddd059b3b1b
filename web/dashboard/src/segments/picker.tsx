import { SelectField } from '../ui/field';
import { useSegments } from './data';

interface PickerProps {
  label?: string;
  hideLabel?: boolean;
  value: string;
  /** The segment's id; empty for everybody. */
  onChange: (segmentId: string) => void;
  className?: string;
  /** What stands for no segment. */
  none?: string;
  problem?: string | undefined;
}

/** Chooses a segment, or everybody. For wherever people are picked. */
export function SegmentPicker({
  label = 'Segment',
  hideLabel,
  value,
  onChange,
  className,
  none = 'Everybody',
  problem,
}: PickerProps) {
  const segments = useSegments();
  return (
    <SelectField
      label={label}
      {...(hideLabel !== undefined && { hideLabel })}
      {...(className !== undefined && { className })}
      value={value}
      problem={problem}
      disabled={segments.isPending}
      onChange={(e) => onChange(e.target.value)}
    >
      <option value="">{none}</option>
      {(segments.data ?? []).map((s) => (
        <option key={s.id} value={s.id} disabled={s.problem !== ''}>
          {s.name}
        </option>
      ))}
    </SelectField>
  );
}

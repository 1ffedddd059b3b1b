import { SelectField } from '../ui/field';
import type { Importance } from './data';
import { importanceLabels } from './words';

interface Props {
  value: Importance | '';
  onChange: (value: Importance | '') => void;
}

/** How much a post matters to somebody, where they said so. */
export function ImportanceField({ value, onChange }: Props) {
  return (
    <SelectField
      label="How much it matters to them"
      value={value}
      onChange={(e) => onChange(e.target.value as Importance | '')}
    >
      <option value="">They did not say</option>
      {Object.entries(importanceLabels).map(([id, label]) => (
        <option key={id} value={id}>
          {label}
        </option>
      ))}
    </SelectField>
  );
}

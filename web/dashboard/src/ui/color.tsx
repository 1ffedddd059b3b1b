import { TextField } from './field';

interface ColorProps {
  label?: string;
  value: string;
  isReadOnly?: boolean;
  onChange: (color: string) => void;
  problem?: string | undefined;
}

export const isColor = (value: string): boolean => /^#[0-9a-f]{6}$/i.test(value);

/** A colour, written or picked. */
export function ColorField({ label = 'Colour', value, isReadOnly = false, onChange, problem }: ColorProps) {
  return (
    <div className="flex items-start gap-2">
      <TextField
        label={label}
        value={value}
        disabled={isReadOnly}
        spellCheck={false}
        maxLength={7}
        onChange={(e) => onChange(e.target.value)}
        problem={problem ?? (isColor(value) ? undefined : 'Write it like #0f766e.')}
        className="flex-1"
      />
      <input
        type="color"
        aria-label="Pick the colour"
        disabled={isReadOnly}
        value={isColor(value) ? value : '#0f766e'}
        onChange={(e) => onChange(e.target.value)}
        className="mt-6.5 h-9 w-11 rounded-md border border-line-field bg-surface p-1"
      />
    </div>
  );
}

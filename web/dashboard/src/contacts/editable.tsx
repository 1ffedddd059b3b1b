import { Pencil } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { Problem, problemText } from '../api/problem';
import { Button } from '../ui/button';

interface Props {
  label: string;
  value: string;
  type?: string;
  mono?: boolean;
  isReadOnly: boolean;
  /** Saves; what it throws is shown beside the field, and what was typed stays. */
  onSave: (value: string) => Promise<void>;
  field: string;
}

/** A line of the profile that becomes a field when it is clicked. Enter saves, Escape leaves it as it was. */
export function Editable({ label, value, type = 'text', isReadOnly, onSave, field }: Props) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const close = () => {
    setText(null);
    setProblem(null);
  };
  const save = async () => {
    if (text === null || isSaving) return;
    if (text.trim() === value) return close();
    setSaving(true);
    try {
      await onSave(text.trim());
      close();
    } catch (error) {
      setProblem((error instanceof Problem && error.field(field)) || problemText(error));
    } finally {
      setSaving(false);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void save();
    if (event.key === 'Escape') close();
  };
  const isEditing = text !== null;
  return (
    <div className="flex min-h-9 flex-wrap items-start gap-x-4 border-b border-line py-0.5 last:border-0">
      <label
        htmlFor={isEditing ? id : undefined}
        className="block w-24 shrink-0 py-1.5 text-sm text-ink-faint first-letter:uppercase"
      >
        {label}
      </label>
      {isEditing ? (
        <div className="min-w-52 flex-1 py-0.5">
          <div className="flex gap-2">
            <input
              id={id}
              autoFocus
              type={type}
              value={text}
              onChange={(e) => setText(e.target.value)}
              onKeyDown={onKey}
              aria-invalid={problem !== null || undefined}
              aria-describedby={problem ? `${id}-problem` : undefined}
              autoComplete="off"
              className="h-8 min-w-0 flex-1 rounded-md border border-line-field bg-surface px-2.5 text-base aria-invalid:border-loss"
            />
            <Button look="primary" onPress={() => void save()} busy={isSaving}>
              Save
            </Button>
            <Button look="quiet" onPress={close}>
              Cancel
            </Button>
          </div>
          {problem && (
            <p id={`${id}-problem`} role="alert" className="mt-1 text-sm text-loss-text">
              {problem}
            </p>
          )}
        </div>
      ) : isReadOnly ? (
        <span className="min-w-0 flex-1 py-1.5 wrap-anywhere">{value || <None />}</span>
      ) : (
        <button
          type="button"
          aria-label={`${label}: ${value || 'none'}. Edit`}
          onClick={() => setText(value)}
          className="group -mx-2 flex min-w-0 flex-1 items-center gap-2 rounded-sm px-2 py-1.5 text-left hover:bg-hover"
        >
          <span className="min-w-0 wrap-anywhere">{value || <None />}</span>
          <Pencil
            size={13}
            className="shrink-0 text-ink-faint opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
            aria-hidden="true"
          />
        </button>
      )}
    </div>
  );
}

function None() {
  return <span className="text-ink-faint">–</span>;
}

import { SegmentPicker } from '../segments/picker';
import type { Board } from './data';
import { visibilities } from './words';

interface ChoiceProps {
  value: Board['visibility'];
  onChange: (value: Board['visibility']) => void;
  segmentId: string;
  onSegment: (id: string) => void;
  problem?: string | undefined;
}

/** Who may read a board, each with what it means. */
export function VisibilityChoice({ value, onChange, segmentId, onSegment, problem }: ChoiceProps) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Who may read it</legend>
      <div className="space-y-1.5">
        {visibilities.map((v) => (
          <div
            key={v.id}
            className="rounded-md border border-line transition-colors hover:bg-hover has-[[type=radio]:checked]:border-accent has-[[type=radio]:checked]:bg-accent-soft"
          >
            <label className="flex gap-3 px-3 py-2.5">
              <input
                type="radio"
                name="visibility"
                value={v.id}
                checked={v.id === value}
                onChange={() => onChange(v.id)}
                className="mt-1 accent-accent"
              />
              <span>
                <span className="block font-medium">{v.label}</span>
                <span className="block text-sm text-ink-soft">{v.hint}</span>
              </span>
            </label>
            {v.id === 'segment' && value === 'segment' && (
              <SegmentPicker
                label="The segment"
                hideLabel
                none="Choose a segment…"
                value={segmentId}
                onChange={onSegment}
                problem={problem}
                className="pr-3 pb-3 pl-9"
              />
            )}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

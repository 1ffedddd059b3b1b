import { TextArea } from '../ui/field';
import type { BoardPreview } from './data';
import type { PartProps } from './form';
import { Note, Section } from './parts';

const most = 20_000;

const why: Record<BoardPreview['css_left_out'][number]['why'], string> = {
  at_rule: 'only @media may be used',
  selector: 'this selector is not allowed',
  nested: 'a rule within a rule is not allowed',
  property: 'this property is not allowed',
  value: 'this value is not allowed',
  broken: 'not CSS, or not closed',
  too_many: 'more than 500 rules',
};

/** The board's own rules, and what the pages do not take of them. */
export function OwnStyle({
  draft,
  set,
  mayWrite,
  wrong,
  leftOut,
}: PartProps & { leftOut: BoardPreview['css_left_out'] }) {
  return (
    <Section
      id="style"
      title="Own style"
      intro="CSS for what the colour alone does not do. Nothing is loaded from elsewhere, and nothing lies over the page."
    >
      <TextArea
        label="CSS"
        hint={`${draft.css.length.toLocaleString('en')} of ${most.toLocaleString('en')} characters`}
        rows={8}
        spellCheck={false}
        disabled={!mayWrite}
        value={draft.css}
        placeholder={'.post { border-radius: 0 }\nh1 { letter-spacing: -0.02em }'}
        onChange={(e) => set({ css: e.target.value })}
        problem={
          draft.css.length > most
            ? `Too long by ${(draft.css.length - most).toLocaleString('en')} characters.`
            : wrong('css')
        }
        className="[&_textarea]:font-mono [&_textarea]:text-sm"
      />
      {leftOut.length > 0 && (
        <Note tone="time">
          <p className="font-medium">
            {leftOut.length === 1 ? 'One part is left out' : `${leftOut.length} parts are left out`}
          </p>
          <ul className="mt-1.5 space-y-1">
            {leftOut.slice(0, 12).map((l) => (
              <li key={`${l.line} ${l.text}`} className="wrap-anywhere">
                <span className="tabular-nums">Line {l.line}: </span>
                <code className="font-mono text-xs">{l.text}</code>: {why[l.why]}.
              </li>
            ))}
          </ul>
          {leftOut.length > 12 && <p className="mt-1">And {leftOut.length - 12} more.</p>}
        </Note>
      )}
      <details className="text-sm text-ink-soft">
        <summary className="w-fit cursor-default rounded-sm font-medium">Names you can use</summary>
        <p className="mt-1.5 leading-6">
          {[
            '.top',
            '.brand',
            '.intro',
            '.post',
            '.votes',
            '.chip',
            '.filter',
            '.button',
            '.columns',
            'h1',
          ].map((name) => (
            <code key={name} className="mr-2 rounded-sm bg-sunken px-1 font-mono text-xs">
              {name}
            </code>
          ))}
          and the colours <code className="font-mono text-xs">var(--accent)</code>,{' '}
          <code className="font-mono text-xs">var(--ink)</code>,{' '}
          <code className="font-mono text-xs">var(--paper)</code>.
        </p>
      </details>
    </Section>
  );
}

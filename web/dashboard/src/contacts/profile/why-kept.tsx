import { fullTime, longAge } from '../../lib/time';
import { basisLabel } from '../basis';
import { usePurposes } from '../consents';
import { Card } from './block';
import type { PartProps } from './parts';

/** The purpose, and where each field comes from. */
export function WhyKeptCard({ contact }: PartProps) {
  const purposes = usePurposes();
  const sources = Object.entries(contact.provenance ?? {});
  const support = purposes.find((p) => p.key === 'support');
  return (
    <Card title="Why this is kept">
      <div className="space-y-2 text-sm text-ink-soft">
        {support && (
          <p>
            {support.name}: {basisLabel(support.lawful_basis).toLowerCase()}.
          </p>
        )}
        {sources.length === 0 && (
          <p className="text-ink-faint">Everything here was entered by the person or by a colleague.</p>
        )}
        {sources.map(([field, from]) => (
          <p key={field} className="flex justify-between gap-3">
            <span className="text-ink-faint first-letter:uppercase">{field.replaceAll('_', ' ')}</span>
            <span title={fullTime(from.at)}>
              {from.source}, {longAge(from.at)}
            </span>
          </p>
        ))}
      </div>
    </Card>
  );
}

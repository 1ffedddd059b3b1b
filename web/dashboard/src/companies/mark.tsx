import { Building2 } from 'lucide-react';

const sizes = { sm: 'size-6', md: 'size-9', lg: 'size-14' };
const drawn = { sm: 13, md: 17, lg: 24 };

/** Stands for a company where a person has a picture. */
export function CompanyMark({ size = 'md' }: { size?: 'sm' | 'md' | 'lg' }) {
  return (
    <span
      aria-hidden="true"
      className={`inline-flex shrink-0 items-center justify-center rounded-md border border-line-strong bg-sunken text-ink-soft ${sizes[size]}`}
    >
      <Building2 size={drawn[size]} strokeWidth={1.6} />
    </span>
  );
}

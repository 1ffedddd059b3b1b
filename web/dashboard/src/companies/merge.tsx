import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ArrowLeftRight } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { type Company, mergeCompany, useRefresh } from './data';
import { CompanyLine, FindCompany } from './find';
import { resultOf } from './merging';

interface Props {
  company: Company;
  onClose: () => void;
}

/** Makes two companies one: which the other is, then what the one will say. */
export function MergeCompany({ company, onClose }: Props) {
  const [pair, setPair] = useState<{ stays: Company; goes: Company } | null>(null);
  if (!pair) {
    return (
      <Dialog title={`Merge ${company.name} with…`} isOpen onClose={onClose} width="md">
        <div className="mt-2 min-h-72">
          <FindCompany
            label="Which is the other?"
            exceptId={company.id}
            onFound={(other) => setPair({ stays: company, goes: other })}
          />
        </div>
      </Dialog>
    );
  }
  return (
    <Compare {...pair} onSwap={() => setPair({ stays: pair.goes, goes: pair.stays })} onClose={onClose} />
  );
}

interface CompareProps {
  stays: Company;
  goes: Company;
  onSwap: () => void;
  onClose: () => void;
}

function Compare({ stays, goes, onSwap, onClose }: CompareProps) {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const merge = useMutation({
    mutationFn: () => mergeCompany(stays.id, goes.id),
    onSuccess: async () => {
      onClose();
      await navigate({ to: '/contacts/companies/$companyId', params: { companyId: stays.id } });
      refresh();
      toast(`${goes.name} is a part of ${stays.name} now.`);
    },
  });
  return (
    <Dialog
      title="Merge two companies into one"
      isOpen
      isAlert
      onClose={onClose}
      width="lg"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" busy={merge.isPending} onPress={() => merge.mutate()}>
            Merge for good
          </Button>
        </>
      }
    >
      <div className="mt-1 mb-4 grid gap-3 rounded-md border border-line bg-sunken px-4 py-3 md:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
        <Side label="Stays" company={stays} />
        <Button
          size="sm"
          look="quiet"
          icon={<ArrowLeftRight size={14} aria-hidden="true" />}
          className="md:self-center"
          onPress={onSwap}
        >
          Swap
        </Button>
        <Side label="Goes" company={goes} />
      </div>
      <h3 className="mb-1 text-sm font-semibold">What will stand there</h3>
      <dl className="mb-4 divide-y divide-line text-sm">
        {resultOf(stays, goes).map(({ label, value, isAdded }) => (
          <div key={label} className="grid items-baseline grid-cols-[6rem_minmax(0,1fr)_auto] gap-3 py-1.5">
            <dt className="truncate text-ink-faint first-letter:uppercase">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
            <dd className="text-xs text-ink-faint">{isAdded ? 'added' : ''}</dd>
          </div>
        ))}
      </dl>
      <p className="text-sm text-ink-soft">
        Where both say something, {stays.name} keeps its own. This cannot be undone.
      </p>
      {merge.error && (
        <p role="alert" className="mt-3 text-sm text-loss-text">
          {problemText(merge.error)}
        </p>
      )}
    </Dialog>
  );
}

function Side({ label, company }: { label: string; company: Company }) {
  return (
    <div className="min-w-0">
      <p className="mb-1.5 text-xs text-ink-faint">{label}</p>
      <div className="flex min-w-0 items-center gap-3">
        <CompanyLine company={company} />
      </div>
    </div>
  );
}

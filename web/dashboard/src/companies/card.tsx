import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pencil, X } from 'lucide-react';
import { useState } from 'react';
import { isStatus, problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { Card } from '../contacts/profile/block';
import type { PartProps } from '../contacts/profile/parts';
import { BasisLine, useSave } from '../contacts/profile/save';
import { displayName } from '../lib/names';
import { Skeleton } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { createCompany, useCompany, useRefresh } from './data';
import { CompanyLine, FindCompany } from './find';

/** Where a person's company is from, in words. */
const sources: Record<string, string> = {
  domain: 'Follows from the domain of their e-mail address.',
  enrichment: 'Follows from what a public source says.',
  import: 'Named by an import.',
  set: 'Chosen by hand: it follows from no address.',
};

/** Which company somebody is with, and why. */
export default function CompanyCard({ contact, answer }: PartProps) {
  const { mayWrite, save, basis } = useSave(answer);
  const refresh = useRefresh();
  const [isChoosing, setChoosing] = useState(false);
  const change = useMutation({
    mutationFn: (companyId: string) => save({ company_id: companyId }),
    onSuccess: () => {
      refresh();
      setChoosing(false);
    },
  });
  if (!mayWrite && !contact.company_id) return null;
  const problem = change.error && problemText(change.error);
  return (
    <Card
      title="Company"
      end={
        mayWrite &&
        contact.company_id && (
          <span className="-mr-2 flex">
            <IconButton label="Change the company" onPress={() => setChoosing(true)}>
              <Pencil size={14} />
            </IconButton>
            <IconButton label="Remove from the company" onPress={() => change.mutate('')}>
              <X size={15} />
            </IconButton>
          </span>
        )
      }
    >
      {contact.company_id ? (
        <Shown id={contact.company_id} />
      ) : (
        <p className="text-sm text-ink-soft">With no company</p>
      )}
      {contact.company_source && (
        <p className="mt-1.5 text-xs text-ink-faint">{sources[contact.company_source]}</p>
      )}
      {mayWrite && !contact.company_id && (
        <Button size="sm" className="mt-2.5" onPress={() => setChoosing(true)}>
          Choose a company
        </Button>
      )}
      {problem && !isChoosing && (
        <div className="mt-2">
          <p role="alert" className="mb-1 text-sm text-loss-text">
            {problem}
          </p>
          <BasisLine basis={basis} />
        </div>
      )}
      {isChoosing && (
        <Choose
          contact={contact}
          problem={problem || undefined}
          onChoose={(id) => change.mutate(id)}
          onClose={() => {
            setChoosing(false);
            change.reset();
          }}
        >
          <BasisLine basis={basis} />
        </Choose>
      )}
    </Card>
  );
}

function Shown({ id }: { id: string }) {
  const company = useCompany(id);
  if (isStatus(company.error, 404)) return <p className="text-sm text-ink-soft">It was removed just now</p>;
  if (company.error) return <p className="text-sm text-ink-faint">{problemText(company.error)}</p>;
  if (!company.data) return <Skeleton className="h-9" />;
  return (
    <Link
      to="/contacts/companies/$companyId"
      params={{ companyId: id }}
      preload={false}
      className="-mx-2 flex items-center gap-3 rounded-md px-2 py-1 hover:bg-hover"
    >
      <CompanyLine company={company.data.data} />
    </Link>
  );
}

interface ChooseProps {
  contact: Contact;
  problem: string | undefined;
  onChoose: (companyId: string) => void;
  onClose: () => void;
  children: React.ReactNode;
}

function Choose({ contact, problem, onChoose, onClose, children }: ChooseProps) {
  const add = useMutation({
    mutationFn: (name: string) => createCompany({ name }),
    onSuccess: (company) => onChoose(company.id),
  });
  const wrong = add.error ? problemText(add.error) : problem;
  return (
    <Dialog title={`Which company is ${displayName(contact)} with?`} isOpen onClose={onClose}>
      <div className="mt-2 min-h-64">
        <FindCompany
          label="Company"
          exceptId={contact.company_id ?? undefined}
          onFound={(company) => onChoose(company.id)}
          onNew={(name) => add.mutate(name)}
        />
        {wrong && (
          <p role="alert" className="mt-3 text-sm text-loss-text">
            {wrong}
          </p>
        )}
      </div>
      <div className="mt-3 border-t border-line pt-3">{children}</div>
    </Dialog>
  );
}

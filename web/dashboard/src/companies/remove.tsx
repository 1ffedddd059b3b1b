import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { type Company, removeCompany, useRefresh } from './data';
import { people } from './words';

/** Asks whether a company is to go; its people stay. */
export function RemoveCompany({ company, onClose }: { company: Company; onClose: () => void }) {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const remove = useMutation({
    mutationFn: () => removeCompany(company.id),
    onSuccess: async () => {
      onClose();
      await navigate({ to: '/contacts/companies', search: {} });
      refresh();
      toast(`${company.name} is removed.`);
    },
  });
  return (
    <Dialog
      title={`Remove ${company.name}?`}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate()}>
            Remove
          </Button>
        </>
      }
    >
      {remove.error && (
        <p role="alert" className="mb-2 text-sm text-loss-text">
          {problemText(remove.error)}
        </p>
      )}
      <p className="text-ink-soft">
        {company.people > 0
          ? `Its ${people(company.people)} ${company.people === 1 ? 'stays, and belongs' : 'stay, and belong'} to no company then. `
          : 'Nobody belongs to it. '}
        What is known of the company and its history go for good.
      </p>
    </Dialog>
  );
}

import { useNavigate } from '@tanstack/react-router';
import { Download, Upload } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { Button, IconButton } from '../../ui/button';
import type { Target } from '../bulk';

const ExportDialog = lazy(() => import('../../importing/export').then((m) => ({ default: m.ExportDialog })));

/** Leads to where people are brought in from a file. */
export function ImportButton() {
  const navigate = useNavigate();
  const mayWrite = useCan(may.writeContacts);
  const maySee = useCan(may.seeAddresses);
  if (!mayWrite || !maySee) return null;
  return (
    <span className="max-md:hidden">
      <IconButton label="Import people" onPress={() => void navigate({ to: '/contacts/imports/new' })}>
        <Upload size={16} aria-hidden="true" />
      </IconButton>
    </span>
  );
}

interface Props {
  target: Pick<Target, 'contact_ids' | 'filter' | 'segment_id'>;
  /** Whom it is of, in words. */
  whom: string;
  /** In the bar of those who are chosen it has words. */
  isInBar?: boolean;
}

/** Takes people out as a file. */
export function ExportButton({ target, whom, isInBar }: Props) {
  const mayRead = useCan(may.readPrivacy);
  const maySee = useCan(may.seeAddresses);
  const [isOpen, setOpen] = useState(false);
  if (!mayRead || !maySee) return null;
  const open = () => setOpen(true);
  return (
    <>
      {isInBar ? (
        <Button size="sm" look="quiet" icon={<Download size={14} aria-hidden="true" />} onPress={open}>
          Export
        </Button>
      ) : (
        <span className="max-md:hidden">
          <IconButton label={`Export ${whom}`} onPress={open}>
            <Download size={16} aria-hidden="true" />
          </IconButton>
        </span>
      )}
      {isOpen && (
        <Suspense fallback={null}>
          <ExportDialog target={target} whom={whom} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

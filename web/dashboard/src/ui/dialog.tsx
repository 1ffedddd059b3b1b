import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { IconButton } from './button';

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  /** A choice that must be made on purpose: a click beside the dialog does not close it. */
  isAlert?: boolean;
  width?: 'sm' | 'md' | 'lg';
}

const widths = { sm: 'max-w-md', md: 'max-w-lg', lg: 'max-w-2xl' };

/** A dialog in the middle; on a phone it rises from the foot of the screen. */
export function Dialog({ title, isOpen, onClose, children, footer, isAlert, width = 'sm' }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isAlert}
      className="veil fixed inset-0 z-40 flex items-center justify-center bg-veil p-4 max-md:items-end max-md:p-0"
    >
      <Modal
        className={`rise max-h-[88dvh] w-full overflow-y-auto rounded-md border border-line bg-raised shadow-float max-md:rounded-b-none ${widths[width]}`}
      >
        <AriaDialog role={isAlert ? 'alertdialog' : 'dialog'} className="outline-none">
          <div className="flex items-start justify-between gap-4 px-5 pt-5">
            <Heading slot="title" className="text-md font-semibold">
              {title}
            </Heading>
            <IconButton label="Close" onPress={onClose} className="-mt-1.5 -mr-2">
              <X size={16} />
            </IconButton>
          </div>
          <div className="px-5 pt-2 pb-5">{children}</div>
          {footer && (
            <div className="sticky bottom-0 flex justify-end gap-2 border-t border-line bg-raised px-5 py-3.5">
              {footer}
            </div>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

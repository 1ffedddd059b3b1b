import type { ReactNode } from 'react';
import { Button } from '../ui/button';

interface SaveBarProps {
  /** What differs from what is saved; empty where nothing does. */
  what: string;
  isSaving: boolean;
  onUndo: () => void;
  onSave: () => void;
  /** What stands above, such as why it was not saved. */
  children?: ReactNode;
  more?: ReactNode;
}

/** At the foot of a form, for as long as something in it is not saved. */
export function SaveBar({ what, isSaving, onUndo, onSave, children, more }: SaveBarProps) {
  return (
    <div className="shrink-0 border-t border-line bg-raised px-4 py-3 md:px-6">
      {children}
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1 truncate text-sm text-ink-soft">{what && `Not saved: ${what}`}</p>
        {more}
        {what && (
          <>
            <Button look="quiet" onPress={onUndo}>
              Undo
            </Button>
            <Button look="primary" busy={isSaving} onPress={onSave}>
              {isSaving ? 'Saving…' : 'Save'}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

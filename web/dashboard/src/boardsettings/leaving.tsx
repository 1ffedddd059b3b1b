import { useBlocker } from '@tanstack/react-router';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';

/** Asks before what was not saved is lost: by a link, the way back, or closing the tab. */
export function Leaving({ isDirty }: { isDirty: boolean }) {
  const block = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  if (block.status !== 'blocked') return null;
  return (
    <Dialog
      title="Leave without saving?"
      isOpen
      isAlert
      onClose={block.reset}
      footer={
        <>
          <Button look="loss" onPress={block.proceed}>
            Leave
          </Button>
          <Button look="primary" onPress={block.reset}>
            Stay
          </Button>
        </>
      }
    >
      <p className="text-ink-soft">What you changed here is not saved, and would be gone.</p>
    </Dialog>
  );
}

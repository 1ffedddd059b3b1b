import { useState } from 'react';
import { problemText } from '../api/problem';
import type { Board } from '../boards/data';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { usePatchBoard } from './data';
import { Section } from './parts';

/** Ends what may be added to a board, or lets it go on. */
export function Archive({ board, onDone }: { board: Board; onDone: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const patch = usePatchBoard(board.id);
  const isArchived = board.archived_at !== null;
  const set = (archived: boolean) =>
    patch.mutate(
      { change: { archived }, etag: null },
      {
        onSuccess: () => {
          setAsking(false);
          toast(archived ? `${board.name} is archived.` : `${board.name} takes posts and votes again.`);
          onDone();
        },
      },
    );
  return (
    <Section id="archive" title={isArchived ? 'This board is archived' : 'Archive this board'}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-md text-sm text-ink-soft">
          {isArchived
            ? 'It can be read, and nothing is added to it: no posts, no comments, no votes.'
            : 'It stays to be read by those who may read it, and nothing is added to it any more. You can take it back at any time.'}
        </p>
        {isArchived ? (
          <Button busy={patch.isPending} onPress={() => set(false)}>
            Take it back
          </Button>
        ) : (
          <Button onPress={() => setAsking(true)}>Archive…</Button>
        )}
      </div>
      {patch.error && (
        <p role="alert" className="text-sm text-loss-text">
          {problemText(patch.error)}
        </p>
      )}
      {isAsking && (
        <Dialog
          title={`Archive ${board.name}?`}
          isOpen
          isAlert
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onPress={() => setAsking(false)}>Cancel</Button>
              <Button look="primary" busy={patch.isPending} onPress={() => set(true)}>
                Archive
              </Button>
            </>
          }
        >
          <p className="text-ink-soft">
            Nobody can add posts, comments or votes then, and nobody is told of it. Everything that is there
            stays, and so does its address.
          </p>
        </Dialog>
      )}
    </Section>
  );
}

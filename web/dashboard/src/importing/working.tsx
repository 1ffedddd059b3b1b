import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { type ImportPreview, useAct } from './data';
import { AlsoMade, Bar, Remark, Tally } from './parts';
import { count, some } from './words';

/** How far an import or its undoing is. The work is the server's: one may leave and come back. */
export function Working({ one }: { one: ImportPreview }) {
  const cancel = useAct(one.id, 'cancel');
  const cache = useQueryClient();
  useEffect(
    () => () => {
      // people came or went: lists are read anew
      for (const key of [keys.contacts, keys.contactTags, keys.segments])
        void cache.invalidateQueries({ queryKey: key });
    },
    [cache],
  );
  const isUndoing = one.state === 'undoing';
  const title = isUndoing ? 'Taking it back' : one.state === 'queued' ? 'Waiting' : 'Importing';
  const u = one.undone;
  return (
    <div className="mt-6 space-y-5">
      <section aria-label="Progress" className="rounded-md border border-line bg-surface px-5 py-6">
        <div className="flex items-baseline justify-between gap-3">
          <p role="status" className="text-md font-semibold">
            {title}
          </p>
          <span className="text-md font-semibold tabular-nums">{Math.floor(one.progress * 100)} %</span>
        </div>
        <p className="mt-1 mb-4 text-sm text-ink-soft">
          {one.state === 'queued' && one.ahead > 0
            ? `${some(one.ahead, 'import comes', 'imports come')} before this one. It begins by itself.`
            : 'It goes on when you leave this page, and after a restart where it was.'}
        </p>
        <Bar label={title} value={one.progress} />
        <div className="mt-3 flex items-center justify-between gap-3 text-sm text-ink-faint tabular-nums">
          {isUndoing && u
            ? `${count(u.erased + u.kept + u.reverted + u.left)} of ${some(u.total, 'person', 'people')}`
            : `${some(one.imported.rows, 'row', 'rows')} so far`}
          {!isUndoing && (
            <Button size="sm" look="quiet" busy={cancel.isPending} onPress={() => cancel.mutate()}>
              Stop
            </Button>
          )}
        </div>
      </section>
      {cancel.error && <Remark isLoss>{problemText(cancel.error)}</Remark>}
      {!isUndoing && one.state === 'running' && (
        <div>
          <Tally tally={one.imported} />
          <AlsoMade tally={one.imported} />
        </div>
      )}
    </div>
  );
}

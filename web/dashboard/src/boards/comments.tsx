import { BadgeCheck, LockKeyhole } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { LoadProblem, Skeleton } from '../ui/bits';
import { CommentItem } from './comment';
import { Composer, type Mode } from './composer';
import { type Comment, type Post, useComments } from './data';
import { threads } from './threads';

/** What is said under a post: the official answer on top, what everybody reads, and what only colleagues do. */
export function Comments({ post, mayWrite }: { post: Post; mayWrite: boolean }) {
  const list = useComments(post.id);
  const [mode, setMode] = useState<Mode>('public');
  const [answered, setAnswered] = useState<Comment | null>(null);
  const answer = (comment: Comment) => {
    setAnswered(comment);
    setMode(comment.internal ? 'internal' : 'public');
  };
  if (list.error && !list.data) {
    return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  }
  const all = list.data ?? [];
  const official = all.find((c) => c.official);
  const said = threads(all.filter((c) => !c.internal && !c.official));
  const inside = threads(all.filter((c) => c.internal));
  const act = mayWrite ? answer : undefined;
  return (
    <div className="mt-7 space-y-6">
      {official && (
        <section
          aria-label="Official answer"
          className="rounded-md border border-accent-line bg-accent-soft px-4 pt-3 pb-1.5"
        >
          <h3 className="mb-1 flex items-center gap-1.5 text-sm font-semibold text-accent-text">
            <BadgeCheck size={15} aria-hidden="true" />
            Official answer
          </h3>
          <CommentItem
            thread={{ comment: official, answers: [] }}
            post={post}
            mayWrite={mayWrite}
            onAnswer={act}
          />
        </section>
      )}
      <section aria-label="Comments">
        <h3 className="mb-2 text-sm font-semibold">
          Comments <span className="font-normal text-ink-faint">everybody who sees the post reads these</span>
        </h3>
        {list.isPending ? (
          <Skeleton className="h-12 w-full" />
        ) : said.length === 0 ? (
          <p className="text-sm text-ink-faint">Nothing was said yet.</p>
        ) : (
          <ul className="divide-y divide-line">
            {said.map((t) => (
              <li key={t.comment.id}>
                <CommentItem thread={t} post={post} mayWrite={mayWrite} onAnswer={act} />
              </li>
            ))}
          </ul>
        )}
      </section>
      {inside.length > 0 && (
        <section
          aria-label="Between colleagues"
          className="rounded-md border border-time-line bg-time-soft px-4 pt-3 pb-1"
        >
          <h3 className="flex items-center gap-1.5 text-sm font-semibold text-time-text">
            <LockKeyhole size={14} aria-hidden="true" />
            Between colleagues <span className="font-normal">nobody outside reads these</span>
          </h3>
          <ul className="divide-y divide-time-line">
            {inside.map((t) => (
              <li key={t.comment.id}>
                <CommentItem thread={t} post={post} mayWrite={mayWrite} onAnswer={act} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {mayWrite && (
        <Composer
          post={post}
          mode={mode}
          setMode={setMode}
          answered={answered}
          onLeave={() => setAnswered(null)}
          hasOfficial={official !== undefined}
        />
      )}
    </div>
  );
}

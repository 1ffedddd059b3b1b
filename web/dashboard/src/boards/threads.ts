import type { Comment } from './data';

export interface Thread {
  comment: Comment;
  answers: Thread[];
  /** What it answers, where that is not what it stands below. */
  to?: Comment;
}

/** How deep answers stand below each other. Those to what is deepest stand beside it. */
const deepest = 3;

/** Comments with their answers below them. One whose parent is not among them stands by itself. */
export function threads(all: Comment[]): Thread[] {
  const at = new Map<string, { thread: Thread; depth: number; below?: Thread }>();
  const roots: Thread[] = [];
  for (const comment of all) {
    const thread: Thread = { comment, answers: [] };
    const parent = comment.parent_id ? at.get(comment.parent_id) : undefined;
    if (!parent) {
      roots.push(thread);
      at.set(comment.id, { thread, depth: 1 });
    } else if (parent.depth < deepest || !parent.below) {
      parent.thread.answers.push(thread);
      at.set(comment.id, { thread, depth: parent.depth + 1, below: parent.thread });
    } else {
      thread.to = parent.thread.comment;
      parent.below.answers.push(thread);
      at.set(comment.id, { thread, depth: parent.depth, below: parent.below });
    }
  }
  return roots;
}

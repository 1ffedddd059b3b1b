import { Store } from '../lib/store';

/** The posts that are chosen in the list. While there are some, keys act on them and not on the open post. */
export const chosenPosts = new Store<ReadonlySet<string>>(new Set());

export const chooseNone = (): void => chosenPosts.set((old) => (old.size ? new Set() : old));

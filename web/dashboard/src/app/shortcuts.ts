/** What a person can tell the dashboard to do by key or from the command palette. */
export type CommandId =
  | 'palette'
  | 'search'
  | 'sheet'
  | 'go-inbox'
  | 'go-contacts'
  | 'go-boards'
  | 'go-settings'
  | 'next'
  | 'previous'
  | 'open'
  | 'select'
  | 'back'
  | 'reply'
  | 'note'
  | 'resolve'
  | 'assign-me'
  | 'snooze'
  | 'details'
  | 'redact'
  | 'to-post'
  | 'to-vote'
  | 'send'
  | 'post-status'
  | 'post-owner'
  | 'post-merge'
  | 'post-approve'
  | 'post-edit'
  | 'post-vote'
  | 'post-select'
  | 'queue-reject'
  | 'queue-block'
  | 'new-contact'
  | 'theme'
  | 'sign-out';

export interface Shortcut {
  id: CommandId;
  /** "g i" is g, then i. "Mod" is Cmd on a Mac and Ctrl elsewhere. Empty: only in the palette. */
  keys: string;
  label: string;
  group: 'Anywhere' | 'In the list' | 'In a conversation' | 'On a board';
  /** The field itself listens (send); the table only tells of it. */
  isToldOnly?: boolean;
}

/** The one table of shortcuts: the keyboard listens by it, the sheet and the palette show it. */
export const shortcuts: readonly Shortcut[] = [
  { id: 'palette', keys: 'Mod+k', label: 'Do or find anything', group: 'Anywhere' },
  { id: 'search', keys: '/', label: 'Search', group: 'Anywhere' },
  { id: 'go-inbox', keys: 'g i', label: 'Go to the inbox', group: 'Anywhere' },
  { id: 'go-contacts', keys: 'g c', label: 'Go to contacts', group: 'Anywhere' },
  { id: 'go-boards', keys: 'g b', label: 'Go to the boards', group: 'Anywhere' },
  { id: 'go-settings', keys: 'g s', label: 'Go to settings', group: 'Anywhere' },
  { id: 'sheet', keys: '?', label: 'Show keyboard shortcuts', group: 'Anywhere' },
  { id: 'next', keys: 'j', label: 'Next', group: 'In the list' },
  { id: 'previous', keys: 'k', label: 'Previous', group: 'In the list' },
  { id: 'open', keys: 'Enter', label: 'Open', group: 'In the list', isToldOnly: true },
  { id: 'select', keys: 'm', label: 'Choose or leave', group: 'In the list' },
  { id: 'reply', keys: 'r', label: 'Write a reply', group: 'In a conversation' },
  { id: 'note', keys: 'n', label: 'Write a note', group: 'In a conversation' },
  { id: 'send', keys: 'Mod+Enter', label: 'Send', group: 'In a conversation', isToldOnly: true },
  { id: 'resolve', keys: 'e', label: 'Resolve or reopen', group: 'In a conversation' },
  { id: 'assign-me', keys: 'a', label: 'Assign to me', group: 'In a conversation' },
  { id: 'snooze', keys: 's', label: 'Snooze until tomorrow morning', group: 'In a conversation' },
  { id: 'details', keys: 'd', label: 'Show or hide the person', group: 'In a conversation' },
  { id: 'redact', keys: 'x', label: 'Redact what was found in it', group: 'In a conversation' },
  { id: 'to-post', keys: 'p', label: 'Make a post of what they wrote', group: 'In a conversation' },
  { id: 'to-vote', keys: 'v', label: 'Vote for them', group: 'In a conversation' },
  { id: 'back', keys: 'Escape', label: 'Back to the list', group: 'In a conversation' },
  { id: 'post-status', keys: 's', label: 'Change the status', group: 'On a board' },
  { id: 'post-owner', keys: 'o', label: 'Give it an owner', group: 'On a board' },
  { id: 'post-vote', keys: 'v', label: 'Vote for somebody', group: 'On a board' },
  { id: 'post-merge', keys: 'm', label: 'Merge into another post', group: 'On a board' },
  { id: 'post-approve', keys: 'a', label: 'Approve what waits', group: 'On a board' },
  { id: 'queue-reject', keys: 'r', label: 'Reject what waits', group: 'On a board' },
  { id: 'queue-block', keys: 'b', label: 'Remove it, and block who wrote it', group: 'On a board' },
  { id: 'post-edit', keys: 'e', label: 'Edit the post', group: 'On a board' },
  { id: 'post-select', keys: 'x', label: 'Choose or leave a post', group: 'On a board' },
  { id: 'new-contact', keys: '', label: 'Add a contact', group: 'Anywhere' },
  { id: 'theme', keys: '', label: 'Switch between light and dark', group: 'Anywhere' },
  { id: 'sign-out', keys: '', label: 'Sign out', group: 'Anywhere' },
];

export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** How a key press is written in the table, or null when it is none of ours. */
export function strokeName(stroke: Stroke): string | null {
  if (stroke.altKey) return null;
  const key = stroke.key.length === 1 ? stroke.key.toLowerCase() : stroke.key;
  return stroke.ctrlKey || stroke.metaKey ? `Mod+${key}` : key;
}

export interface Match {
  id: CommandId | null;
  /** The first half of a two-key shortcut, waiting for the second. */
  pending: string;
}

/**
 * Matches a key press against the table. `singleKeys` off leaves only those with Ctrl or Cmd, as WCAG 2.1.4 asks. A key may
 * mean one thing in a conversation and another on a board: `isHere` says which commands somebody on screen answers to.
 */
export function match(
  pending: string,
  name: string,
  singleKeys = true,
  isHere: (id: CommandId) => boolean = () => true,
): Match {
  const typed = pending ? `${pending} ${name}` : name;
  const able = shortcuts.filter((s) => s.keys && !s.isToldOnly && (singleKeys || s.keys.startsWith('Mod+')));
  const hits = able.filter((s) => s.keys === typed);
  const hit = hits.find((s) => isHere(s.id)) ?? hits[0];
  if (hit) return { id: hit.id, pending: '' };
  if (able.some((s) => s.keys.startsWith(`${typed} `))) return { id: null, pending: typed };
  return pending ? match('', name, singleKeys, isHere) : { id: null, pending: '' };
}

/** The keys as caps to show: ["g", "i"] or ["Ctrl", "K"]. */
export function keyCaps(keys: string, isMac: boolean): string[] {
  const cap = (k: string) =>
    k === 'Mod' ? (isMac ? '⌘' : 'Ctrl') : k === 'Escape' ? 'Esc' : k === 'Enter' ? '↵' : k.toUpperCase();
  return keys.split(/[ +]/).filter(Boolean).map(cap);
}

// Package boards is where people say what they wish for, and vote on it: boards,
// posts, votes and comments.
//
// Guarantees: what a contact wrote is sealed with that contact's own key, what
// operators wrote with the workspace's; a person has one vote on a post, whichever
// of their merged contacts is named; the count of a post is exactly that of its
// votes; nobody who is restricted, or objected to being answered, is made to vote or
// write by the customer's people. Merging posts moves no post: votes are copied and
// can be taken apart again.
//
// Erasing a person removes their votes. What they wrote is removed, or made
// anonymous and sealed anew with the workspace's key, by the board's rule; so that
// backups from before cannot be read either way.
//
// People speak for themselves after a sign-in without a password: by a link that is
// sent to an address and opened once, or because the customer's system vouches for
// them. Looking stores nothing, and signing in makes nobody a contact: they are one
// from the first thing that they do, in the same transaction. Where a board takes
// votes without a name, a ballot is kept by a keyed token of a random cookie; of the
// network a keyed token of the day and of what a street shares is kept for two days.
//
// Never does: tell whether an address is known. Keep a post's words in an address, in events or in the audit log.
//
// Personal data held: posts.title_sealed and body_sealed, post_comments.body_sealed,
// and who voted for what (post_votes), who follows what
// (post_subscriptions), and sign-ins (board_links, board_sessions).
package boards

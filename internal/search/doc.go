// Package search finds documents by the blind tokens of their words, which
// vault.Index makes. It never sees a word.
//
// # How
//
// A document is a row of search_docs (ids and a time) and its tokens. Documents
// are numbered in the order of their times, so that newest first is the order of
// the index itself, and a query reads no more than it shows.
//
// On PostgreSQL the tokens are a tsvector with a GIN index, and that is all. On
// SQLite the tokens of a new document go to search_pending, in the caller's commit;
// one goroutine, the indexer, moves them into an FTS5 table behind it, in small
// batches. A query looks at both in one snapshot, so that a document is found from
// the moment it is committed, whatever has become of the indexer.
//
// # Guarantees
//
//   - A query finds documents of its own workspace only: tokens are keyed by
//     workspace, and the rows are compared on top.
//   - What a transaction removed is not found after it has committed, also where it
//     shared a commit with the transaction that added it.
//   - What was pending when the process died is indexed after the next start.
//
// # Personal data
//
// search_docs holds ids of contacts. Tokens tell whoever has the database which
// documents share a word, but not the word. Removing a document removes its rows
// and unlinks its tokens at once; the unlinked tokens themselves leave the FTS5
// table when its segments are next merged, by use or by [Store.Compact], and
// PostgreSQL's index at its next vacuum.
package search

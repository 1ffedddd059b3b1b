// Package storage is where Botimum keeps its rows: SQLite by default,
// PostgreSQL when a single file has been outgrown, behind one small door.
//
// # What it is
//
// [Open] connects, [DB.Migrate] brings the schema up to date, [DB.Write] and
// [DB.Read] run a function inside a transaction. The same SQL text serves both
// engines: $1 placeholders that first appear in rising order, and only what
// both engines understand. Statements are prepared once per connection.
//
// # Guarantees
//
//   - When Write returns nil, the change is on disk (SQLite synchronous=FULL,
//     PostgreSQL synchronous_commit other than off). When it returns an error,
//     nothing of the function was kept. There is no third outcome, but for a
//     PostgreSQL connection that breaks during COMMIT: then the error has the
//     code outcome_unknown.
//   - A function that fails or panics takes nobody with it, though it shared
//     its commit with others.
//   - A function may run more than once, and only its last run counts. It must
//     have no effect but on its transaction; what should happen afterwards goes
//     to [Tx.OnCommit].
//   - A context that ends before the function has begun means that it never
//     runs. Once begun, it is carried to its end and Write tells the truth
//     about it.
//   - A statement that failed dooms its transaction, as PostgreSQL has it, on
//     both engines: a function that drops such an error cannot commit by
//     accident.
//   - Read sees one snapshot from its first statement to its last.
//
// # Writing on SQLite
//
// SQLite lets one connection write at a time and makes each commit wait for
// the disk. One goroutine owns that connection: it takes every function that
// queued while the previous commit was waiting for the disk, runs all of them,
// commits once, and then answers them. Nobody waits for a group to fill. If a
// function fails, the group is run again with a savepoint for each; if the shared
// commit fails, each is run again alone. So only the one at fault fails.
//
// SQLite's log is moved into the file by a goroutine of its own, so that no
// commit waits for it. [DB.Scrub] empties the log at once, for those who must
// know that what they deleted is gone.
//
// # Writing on PostgreSQL
//
// Write is an ordinary transaction at READ COMMITTED, run again when the
// engine reports a serialization failure or a deadlock. Functions that decide
// on what they have read call [Tx.Lock] first: on SQLite writers are alone
// anyway and it does nothing.
//
// # Errors
//
// A full disk, a read-only file, a database that is held by somebody else, a
// server that does not answer and a closed database are faults of the kind
// unavailable, with the codes below. [IsUnique] recognises a broken unique key;
// sql.ErrNoRows passes through. All others are the engine's own.
//
// # What it never does
//
// It starts no transaction inside another one, makes no network call inside a
// transaction, knows no table of the product, and puts no value of a row into
// an error of its own making. It holds no personal data of its own.
package storage

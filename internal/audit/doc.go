// Package audit keeps the record of who did what and who looked at whose data,
// in a form in which nothing can be removed or changed unseen.
//
// # What it is
//
// Each workspace has a log of its own, and the installation has one more, whose
// workspace id is empty (sign-ins to no workspace, set-up, rotation of the root
// key). A log is a Merkle tree as certificates are logged in (RFC 6962), made with
// golang.org/x/mod/sumdb/tlog:
//
//   - [Log.Append] adds an entry in the transaction of the change that it tells
//     of: both are durable, or neither.
//   - [Log.Access] notes that somebody read people's data. Reads are gathered for
//     at most a second per actor, way, place and workspace, and written as one
//     entry "access" that names the people and the operator's session.
//   - [Log.Checkpoint] gives the tree's size and root in a signed note
//     (https://c2sp.org/tlog-checkpoint). One is made a minute while a log grows.
//   - [Verify] recomputes everything from the rows and says what was tampered with.
//
// # The record of an entry
//
// The leaf's hash is tlog.RecordHash of the following bytes, in which a text is
// its length in bytes as an unsigned 32-bit number, then the text, and all numbers
// are big-endian:
//
//	"botimum audit entry v1\x00"
//	text    workspace_id
//	uint64  position, from 0
//	text    id
//	text    actor_type
//	text    actor_id
//	text    action
//	text    target_type
//	text    target_id
//	text    details, exactly as stored
//	int64   occurred_at, microseconds since the epoch
//
// The column audit_entries.hashes holds that leaf's hash and, after it, the hash of
// each node of the tree that this leaf completes, lowest first: so one row is all
// that an entry costs, and every proof can be made from those rows.
//
// # From where somebody looked
//
// The details of a read by an operator or an API key have "place": the SHA-256 of
// the bytes in access_places, which are the shortened network and the family of
// browser and system, sealed with the operator's key (of an API key: the
// workspace's). So the log commits to the place and holds nothing of it: the row
// goes after [KeepPlaces], which an entry "audit.places_forgotten" says, and what is
// in it goes with the operator's key. [Verify] needs no key to tell that a row was
// changed, removed or added. Entries of before say nothing of a place, and verify as
// they did: their bytes are what they were.
//
// # Where a log ends
//
// audit_trees has one row a log: its size, the hashes of the subtrees at its edge,
// and an Ed25519 signature made at every commit over
//
//	"botimum audit head v1\x00", text workspace_id, uint64 size, 32 bytes root
//
// Appending takes hold of that row, so that writers of one workspace stand in line
// on PostgreSQL as they do on SQLite, and the primary key of the entries makes a
// fork impossible in any case. A head whose signature is wrong is not silently
// built upon: the next entry says so (action "audit.head_refused"), for ever. The
// first entry of each workspace's log is announced in the installation's log
// ("audit.started"), so that a log cannot vanish as a whole.
//
// # What it can prove, and what not
//
// Without the installation's audit key (a secret of the vault) nobody can change,
// remove, insert or reorder entries, or cut a log short, such that Verify does not
// find it: with one exception. Whoever puts back an older copy of the whole
// database shows a log that was true once. Against that keep a checkpoint
// somewhere else (GET /api/v1/audit/checkpoint, or [Deps.Witness]) and give it to
// Verify.
//
// # Guarantees
//
//   - An entry is in the log if and only if its transaction was committed.
//   - A read is in the log at most a second after it happened; a crash loses no
//     more than that second. If the log cannot be written it is tried again for as
//     long as it takes; what no longer fits into memory is counted, told to the
//     administrator, and written down as an entry "audit.access_lost" once
//     writing works again. [Log.Ready] tells a surface to refuse reads before
//     it comes to that.
//   - Reading a person's access log is itself in it.
//
// # What it never does
//
// It never updates or deletes an entry, never logs a value, and holds no personal
// data but for the sealed places. Every text of an entry must be an id, a lower-case word, a count, a time or
// a hash; [Log.Append] refuses anything else, and with it the transaction.
//
// Columns: audit_entries, audit_trees, audit_checkpoints and access_subjects hold
// ids of workspaces, actors, targets and contacts, words, counts, times, hashes and
// signatures; none of them holds personal data. access_places holds that of
// operators, sealed. The ids stay when a person is
// erased: they then lead to nothing, and prove the erasure.
package audit

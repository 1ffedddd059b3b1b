// Package backup writes a consistent copy of a database and its files, and puts
// such a copy back.
//
// # What it is
//
// A backup is one tar file, compressed with gzip. Its first entry, manifest.json,
// says what follows: the format, what the backup holds, the engine, the schema's
// version, and each entry's size and SHA-256. A SQLite database follows as one
// file, a PostgreSQL database as one file a table in the text form of COPY, then
// the uploaded files.
//
// There are two kinds: of the data, which is sealed, and of the vault, whose keys
// open it. They are always two files, so that the vault's can be kept apart and
// for a shorter time: once its copies are gone, an erased person is gone from
// every copy of the data too. The root key is in neither, and a backup of both is
// useless without it.
//
// # Guarantees
//
//   - A backup is a snapshot of one moment. It may be taken while the server runs,
//     by this process or another, and does not hold up writers.
//   - A copy of a SQLite database is made afresh, row by row: nothing that was
//     deleted is left in its free pages.
//   - [Restore] looks at the whole file before it changes anything. It puts
//     everything in place or nothing, into a place that is empty but for the vault,
//     and only while no server uses it. A backup that was cut short, changed, or
//     made by a newer release or on another engine is refused with one plain line.
//   - [Restore] keeps the vault that is there. When it is told to take another, it
//     erases in it whoever is erased in the present one.
//   - After that it removes the rows of everybody whom the vault knows as erased:
//     they could not be read any more, and should not be there either.
//
// # What it never does
//
// It opens nothing that is sealed and needs no root key. It holds no personal data
// of its own; what it writes holds what the database does, sealed as it is there.
package backup

// Package vault keeps one key for each person, and seals what is personal with
// it. Destroying the key erases the person from every copy of the data, backups
// included: what is sealed can then be opened by nobody.
//
// # What it holds
//
// The vault is a database of its own, apart from the data that its keys open, so
// that a copy of the one is useless without the other:
//
//   - subject_keys: a random 256-bit key for each contact, operator and
//     workspace, wrapped by the root key with the workspace and subject as
//     associated data, so that a wrapped key that is moved to another row does
//     not open. An erased subject stays as a row without a key: its ids and two
//     times, and nothing else. It is what makes a key impossible to bring back.
//   - instance_secrets: named 32-byte secrets of this installation, wrapped.
//   - root_keys: for each root key in use, a check value by which a wrong root
//     key is found when the vault is opened and not at the first read.
//
// The root key is a Tink keyset in a file or in the environment; it is never in
// the vault.
//
// # Sealing
//
// A sealed value is one version byte, a 96-bit random nonce, the AES-256-GCM
// ciphertext and its 128-bit tag: [Overhead] bytes more than the plain value. The
// associated data is the version, workspace, subject, table, column and row, each
// with its length in front, so that a value opens only in the place it was sealed
// for. Nonces are random: by NIST SP 800-38D a key may seal 2^32 values before
// the chance of a repeated nonce passes 2^-32. A key here belongs to one person,
// who would have to write a message every second for 136 years to reach that.
//
// # Blind index
//
// [Index] turns an address, a word or the beginning of a name into a token of
// HMAC-SHA-256 under a key of the workspace, so that equality and words can be
// looked up in a database that never sees them. Tokens tell whoever holds the
// database which rows share a word, and how often; without the workspace's key
// they do not tell the word.
//
// # What it never does
//
// It never makes a new root key over a vault that holds keys, never returns the
// bytes of a subject's key, and never logs more of a subject than ids. Key bytes
// are overwritten in memory as soon as the cipher is set up; the cipher's own
// schedule, and the root key inside Tink, are freed but cannot be overwritten
// from Go.
//
// # How far an erasure reaches
//
// On SQLite the wrapped key is overwritten in the file (secure_delete) and the
// write-ahead log is cut to nothing before Erase returns. PostgreSQL keeps old
// row versions until vacuum, and archived WAL for as long as its archive is kept;
// what remains there is the wrapped key, and it becomes unreadable when the root
// key is next rotated ([Vault.RotateRoot]) and the old one is dropped. The same
// holds for backups of the vault: rotate the root key as often as the backups
// must forget.
package vault

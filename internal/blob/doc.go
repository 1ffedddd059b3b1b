// Package blob keeps the bytes of uploaded files: in a directory, or in a bucket of
// a server that speaks S3.
//
// What is put into a [Store] is sealed on the way, each file with a random key of
// its own, by Tink's AES-GCM-HKDF streaming scheme: segments of 64 KiB, each with its
// number and whether it is the last in its nonce, so that nothing can be cut off,
// put in another order or moved to another file unnoticed. Who stores a file keeps its
// key, sealed with the key of the person whose file it is: once that person is
// erased, every copy of the bytes is unreadable, in backups and old versions of a
// bucket, too.
//
// Guarantees: a file is there as a whole or not at all, and on disk when Put
// returns; a name never leads outside of the store; what failed is tried again where
// the other side said that it is worth it.
//
// Never does: looking into files, keeping names or types of them, deleting what it
// was not told to. An error says neither a file's name nor a credential.
//
// Personal data held: none that it could read. The Holder of the rows that name the
// files answers for them.
package blob

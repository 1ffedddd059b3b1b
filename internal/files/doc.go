// Package files keeps what people and operators attach to their words.
//
// A file is staged, which checks it, draws pictures anew and has its bytes sealed and
// stored; and it is a file from when its row is written, in the transaction of what it
// is attached to, or alone and waiting for a day. Its name and its key are sealed with
// the vault key of whose words it belongs to; see package blob for the bytes.
//
// Guarantees: only whoever uploaded a file attaches it, once, in the place that it was
// uploaded for; a file goes with what it is attached to, with its person whichever
// rule applies to their words, and after a day if it is attached to nothing; the
// bytes go soon after the row, however often the store has to be asked; what is
// served has a type out of a short list, by its content and never by its name.
//
// Never does: deciding who may read, which belongs to those whose words they are;
// keeping where a photo was taken.
//
// Personal data held: files, sealed. file_removals holds ids of what is to go.
package files

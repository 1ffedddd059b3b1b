// Package imports takes tables of people into a workspace: CSV in the encodings and
// with the separators that spreadsheets write.
//
// A file is stored in parts that are sealed with a key of the import's own, so that
// it can be destroyed at once: when the import is cancelled or undone, when it ends
// with nothing left to put right, or seven days after it came. Columns are matched
// to fields by their headings; a dry run reads the whole file and changes nothing.
//
// Guarantees: a row is imported once, whatever stops the program in between, as the
// place that was reached commits with the rows; memory does not grow with the file;
// what is wrong is said by row and column, and the row can be taken out as CSV and
// put right; every new person has a lawful basis; a consent counts only where the
// file says yes in so many words, and never against a later no of the person.
//
// Never does: running what a cell says (=cmd is a text), changing somebody who is
// restricted or objected, joining rows to an address that a visitor only claimed.
//
// Personal data held: the file's parts (import_parts), until destroyed; what an
// update replaced (import_updates), sealed with the person's key, until the import
// cannot be undone any more.
package imports

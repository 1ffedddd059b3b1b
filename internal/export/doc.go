// Package export puts together what is held about one person, for that person:
// the access export (GDPR article 15) and the narrower one to take along
// (article 20).
//
// # What it is
//
// [Service.Write] writes a ZIP with
//
//   - index.html: a page to read, in the person's language, without a script and
//     without anything from elsewhere: purposes, categories, recipients, retention,
//     sources, rights, complaint, automated decisions and transfers, then the data;
//   - data.json: the same for machines; docs/export-schema.json describes it;
//   - csv/<section>.csv: a table for each section (RFC 4180; see [guard]).
//
// What is in it comes from the holders ([privacy.Service.Snapshot]), and what is
// said about it from the catalogue and the workspace's purposes: neither is a list
// of this package's own.
//
// # Guarantees
//
//   - One moment: all files of an archive are read in one snapshot.
//   - All or nothing: an archive is complete before its first byte is sent. If the
//     person is erased meanwhile it is dropped, and the caller is told so.
//   - Flat memory: records go through one by one. The archive waits in a temporary
//     file, encrypted with a key that only this process's memory has, so that
//     nothing personal lies in clear on the disk and no client, however slow, holds
//     a transaction open.
//   - Each export is in the audit log and in the person's access log.
//
// # What it never does
//
// It stores nothing, names no operator, and falsifies no value: JSON holds what is
// stored, and what the guard of CSV adds can be taken away again.
//
// Attachments will stand in a folder of their own once messages can have some.
package export

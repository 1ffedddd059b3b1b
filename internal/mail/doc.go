// Package mail writes to people: it queues mails in the transaction of what causes
// them, and sends them afterwards to the administrator's mail server.
//
// # How
//
// A mail is a row of the table mails: who it is for, which template, and a sealed
// document with the address, the name, the language and the template's values.
// [Service.Prepare] seals it, outside of the transaction; [Service.Queue] adds the
// row, inside. A worker on each node takes one row at a time by a lease, renders it
// and hands it to the server by SMTP (RFC 5321). What cannot be sent is tried again,
// later each time, for three days; a server's final no ends it at once. Without a
// server mails wait.
//
// # Guarantees
//
//   - A mail is queued if and only if what caused it was committed, and the same key
//     is queued once in a workspace.
//   - Two workers do not send the same mail at the same time, on one node or many.
//   - A crash between the server's acceptance and our note of it leads to a second
//     sending, and to no third thing: SMTP has no way to ask what became of the first.
//     Both carry the same Message-ID, by which the receiving side can drop one.
//   - A mail of somebody who was erased is not sent: erasing deletes the row, and the
//     worker looks for the row and the key just before it connects. What the server
//     has begun to take then cannot be called back.
//   - Nothing that stands in a value, a name or an address can add a header.
//
// # Never
//
// It never logs an address or what a server answered, which may repeat one. It never
// sends over an unencrypted connection unless the server is this machine, or the
// administrator said so. Mails hold no images and no links but the template's own.
//
// # Personal data
//
// mails.content_sealed, with the recipient's key. Once a mail is sent or given up,
// its values are removed from it: links and reasons are not kept. What remains says
// what was sent to which address when, until 30 days have passed.
package mail

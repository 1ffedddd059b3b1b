// Package inbox holds conversations: what contacts and operators write to each
// other, what operators note among themselves, and who has read what.
//
// Guarantees: a message that was acknowledged is on disk; a message and its event
// are one transaction; a retry with the same client_id changes nothing; a
// message, a subject and a preview are sealed with the contact's key before they
// reach storage, whoever wrote them; words are found only through keyed tokens;
// every read by an operator or a key is logged. A contact never sees a note. What
// the workspace masks is gone before anything is stored; what is redacted is gone
// from rows, index, streams and kept answers.
//
// Never does: sending mail (the mail domain follows the events), deciding who a
// contact is (contacts does).
//
// Personal data held: conversations.subject_sealed and preview_sealed,
// messages.body_sealed and sensitive_sealed, when a contact wrote and read.
package inbox

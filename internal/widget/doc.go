// Package widget is what a visitor's browser calls: sessions, conversations, the
// live stream, consents, and the script itself.
//
// Guarantees: looking at a page stores nothing. A visitor's session is a sealed
// token that only the browser keeps; it promises a contact id, and the contact
// comes to be with the first message or the first address. A session sees its own
// contact and nothing else. CORS answers only the origins that the workspace
// allows. An address that a visitor typed is a claim; only an identity token
// signed with the workspace's secret makes a contact verified.
//
// Never does: setting cookies, or reading anything about the browser that the
// visitor did not send on purpose.
package widget

// Package fault is the one error type of Botimum: what went wrong, in words
// that a caller may read, and a kind that a surface maps to a status.
//
// A domain returns fault.NotFound("conversation") or fault.Invalid("email",
// "is not an address; write it as name@example.org"); the HTTP surface is the
// only place that knows that these are 404 and 422. Everything else that goes
// wrong is wrapped with the operation's name by [Wrap] and stays internal: its
// text is logged once and never shown.
//
// A fault's Detail says what to do next and never repeats a value that the
// caller sent, since that value may be personal.
package fault

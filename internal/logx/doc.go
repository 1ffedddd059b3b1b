// Package logx sets up the log: structured lines of log/slog, as text or JSON.
//
// # Guarantees
//
// Nothing personal belongs in a log, and the code that logs gives ids alone. This
// package is the second line of defence: before a line is written, whatever in
// its message or values looks like an e-mail address, a telephone number, an IP
// address (but for loopback), a bearer token or a key of the API is replaced by
// "[redacted]". It works by looks, so it may take out something harmless, and it
// cannot know a name.
//
// Errors are logged as their text. The id of the request that a context belongs
// to is added to each line that is logged with that context.
//
// # What it never does
//
// It holds no global state: what was made by [New] is handed on, or made the
// default by the program's main.
package logx

// Package httpx is how Botimum speaks HTTP: the route table, problem documents,
// cursors and the middleware that every surface shares.
//
// A domain mounts a JSON route with [Handle], giving a [Route] and a plain
// function; huma beneath it reads, validates and documents. The [Guard] that
// the router was made with stands before every route and sees its Route: who may
// call it is decided there, in one place, from the table.
//
// Failures are application/problem+json (RFC 9457). A problem never repeats a
// value that was sent, since it may be personal.
package httpx

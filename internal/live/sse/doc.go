// Package sse reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)
// in Go: [Reader] splits a stream into frames, [Follow] keeps following one over
// broken connections, resumes it by Last-Event-ID, and gives each event once.
//
// It knows nothing of Botimum but the habits that its streams document: the greeting
// "hello" with the sequence where a stream starts, "reset", and that ids are
// rising numbers. It logs nothing.
package sse

// Package boardsite is the boards as the public sees them: pages that are rendered on
// the server, complete without JavaScript, under /b/{workspace}/{board} and under a
// board's own domain.
//
// Guarantees: whether somebody may read a board is asked in one place, before any
// page, feed or form; what waits for approval, is internal, or is of somebody who had
// the use of their data restricted is on no page; a page loads nothing from elsewhere;
// looking at a page stores nothing.
//
// Never does: know who reads, unless they signed in.
//
// Personal data held: none. What pages show is the boards'.
package boardsite

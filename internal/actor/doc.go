// Package actor says who asks. The surface that authenticated a request puts the
// [Actor] into its context; services and logs read it from there. It carries the
// workspace, so that no query can forget it, and the permissions, so that one
// place can check them.
package actor

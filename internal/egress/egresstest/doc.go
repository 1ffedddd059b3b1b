// Package egresstest has names lead where a test wants, by a name server of its own on
// this machine.
package egresstest

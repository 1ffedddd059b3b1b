// Package mailtest is a real SMTP server for tests, on loopback, that can be told to
// misbehave.
package mailtest

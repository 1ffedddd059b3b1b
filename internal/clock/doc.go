// Package clock tells the time. Services take a [Clock] so that tests can hold
// time still; SQL never asks the database for it.
//
// Stored times are whole microseconds since the Unix epoch in UTC, in a BIGINT:
// the finest that both engines keep, and the same bytes in both.
package clock

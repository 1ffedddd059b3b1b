// Package id makes the identifiers of things: a type prefix, an underscore and a
// UUIDv7 (RFC 9562) in 26 lower-case characters of Crockford's base 32, such as
// con_01jdb2k8q5e6r7s8t9v0w1x2y3.
//
// They sort by the time they were made, in Go and in both databases alike, so
// that a primary key also is an order, and keyset paging needs no second column.
// They hold no personal data and may stand in URLs and logs.
package id

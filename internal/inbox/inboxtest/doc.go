// Package inboxtest makes conversations for tests: real ones, in a real database.
package inboxtest

// Package contactstest makes contacts for tests: real ones, sealed by a real vault
// in a real database.
package contactstest

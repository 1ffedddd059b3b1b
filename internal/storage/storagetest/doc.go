// Package storagetest runs tests on real databases of both engines.
//
// [Each] gives a test a fresh database with the product's schema: a copy of a
// migrated SQLite file, and a database of a throwaway PostgreSQL cluster.
package storagetest

// Package storagetest runs tests on real databases of both engines.
//
// [Each] gives a test a fresh database with the product's schema: a copy of a
// migrated SQLite file, and a database of a throwaway PostgreSQL cluster.
//
// The cluster is started from the installed server's programs (as the user
// postgres when run by root), listens on a socket only, is shared by all test
// processes of a user, and stops some seconds after the last of them has ended,
// however it ended. BOTIMUM_TEST_POSTGRES names another server instead, whose
// role may make databases. Where there is no PostgreSQL, tests on it are skipped
// with a message; under CI=true they fail.
//
// [Plan] and [UsesIndex] look at how an engine would run a query.
package storagetest

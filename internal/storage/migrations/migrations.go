// Package migrations holds the product's own schema as embedded, forward-only
// goose files: one directory per engine, the same numbers in both. The first
// word of a file's name is its number; a file that has been released is never
// changed, a new one is added.
package migrations

import "embed"

// Migrations is the product's schema, with the directories sqlite and postgres.
//
//go:embed all:sqlite all:postgres
var Migrations embed.FS

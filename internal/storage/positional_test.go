package storage

import (
	"strings"
	"testing"
)

// TestPositional writes @ for $, as these texts are not for PostgreSQL.
func TestPositional(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1":                             "SELECT 1",
		"SELECT a FROM t WHERE b = @1":         "SELECT a FROM t WHERE b = ?",
		"INSERT INTO t VALUES (@1,@2),(@3,@4)": "INSERT INTO t VALUES (?,?),(?,?)",
		"SELECT 'it''s', @1":                   "SELECT 'it''s', ?",
		"SELECT @1, '@2'":                      "SELECT @1, '@2'",
		"SELECT @1, @1":                        "SELECT @1, @1",
		"SELECT @2, @1":                        "SELECT @2, @1",
		"SELECT @1, @3":                        "SELECT @1, @3",
		"SELECT @10":                           "SELECT @10",
		"SELECT @":                             "SELECT @",
		"SELECT 1 -- it's @1\n, @1":            "SELECT 1 -- it's @1\n, @1",
	} {
		query, want = strings.ReplaceAll(query, "@", "$"), strings.ReplaceAll(want, "@", "$")
		if got := positional(query); got != want {
			t.Errorf("positional(%q) = %q, want %q", query, got, want)
		}
	}
	if many := positional("INSERT INTO t VALUES " + Values(64, 11)); strings.Contains(many, "$") {
		t.Errorf("an INSERT of 64 rows keeps its numbers: %.100s", many)
	}
}

package config

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of the documentation anew")

// The table in the self-hosting guide is the one that the program goes by.
func TestDocumented(t *testing.T) {
	const path = "../../docs/self-hosting.md"
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(content)
	for _, command := range []string{"serve", "setup", "backup", "restore"} {
		begin, end := "<!-- settings of "+command+" -->\n", "<!-- end -->\n"
		before, rest, found := strings.Cut(doc, begin)
		if !found {
			t.Fatalf("%s has no place for the settings of %s", path, command)
		}
		table, after, found := strings.Cut(rest, end)
		if !found {
			t.Fatalf("%s: the settings of %s do not end", path, command)
		}
		want := Markdown(command)
		if command != "serve" { // what it shares with serve stands there
			want = own(command)
		}
		if table == want {
			continue
		}
		if !*update {
			t.Errorf("%s: the settings of %s are out of date; run go test ./internal/config -update", path, command)
		}
		doc = before + begin + want + end + after
	}
	if *update {
		if err := os.WriteFile(path, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// own gives the rows of a command's table that serve does not have.
func own(command string) string {
	shared := Markdown("serve")
	var b strings.Builder
	for i, line := range strings.SplitAfter(Markdown(command), "\n") {
		if i < 2 || !strings.Contains(shared, line) {
			b.WriteString(line)
		}
	}
	return b.String()
}

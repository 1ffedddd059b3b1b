// Package internal_test holds what must be true of all packages together.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/botimum/botimum/"

// layer is a row of the table in ARCHITECTURE.md.
type layer struct {
	name      string
	packages  []string
	mayImport []string
}

// source is a Go file that is not a test.
type source struct {
	path    string // from the root of the repository
	owner   string // the folder below internal, "" for what is elsewhere
	helper  bool   // in a package of builders for tests
	imports []string
}

// Imports point down, as the table says.
func TestImportsPointDown(t *testing.T) {
	layers := readTable(t)
	of := make(map[string]layer)
	for _, l := range layers {
		for _, p := range l.packages {
			if of[p].name != "" {
				t.Errorf("ARCHITECTURE.md has %s in two layers", p)
			}
			of[p] = l
		}
	}
	seen := make(map[string]bool)
	for _, s := range sources(t) {
		if s.owner != "" && !s.helper {
			seen[s.owner] = true
			if of[s.owner].name == "" {
				t.Errorf("%s: ARCHITECTURE.md has no row for %s", s.path, s.owner)
			}
		}
		for _, imported := range s.imports {
			check(t, of, s, imported)
		}
	}
	for p := range of {
		if !seen[p] {
			t.Errorf("ARCHITECTURE.md names %s, which is not there", p)
		}
	}
}

// check tells of one import that may not be.
func check(t *testing.T, of map[string]layer, s source, imported string) {
	t.Helper()
	below, internal := strings.CutPrefix(imported, module+"internal/")
	if !internal || s.helper {
		return
	}
	if isHelper(below) {
		t.Errorf("%s imports %s, which is for tests", s.path, below)
		return
	}
	target, _, _ := strings.Cut(below, "/")
	switch {
	case s.owner == target:
	case strings.HasPrefix(s.path, "client/"):
		t.Errorf("%s imports %s: the client is for other people's programs", s.path, below)
	case strings.HasPrefix(s.path, "cmd/"):
		if target != "app" {
			t.Errorf("%s imports %s; the program starts app and does nothing else", s.path, below)
		}
	case s.owner == "": // bench and scripts serve developers
	case !slices.Contains(of[s.owner].mayImport, of[target].name):
		t.Errorf("%s imports %s: %s is %s, which may not import %s", s.path, below, s.owner, of[s.owner].name, of[target].name)
	}
}

// atTheEdge tells whether a file of a slice may know HTTP: http.go, http_<area>.go
// where a slice has many routes, and exchange.go where it asks others.
func atTheEdge(file string) bool {
	return file == "http.go" || file == "exchange.go" || strings.HasPrefix(file, "http_") && strings.HasSuffix(file, ".go")
}

// In a slice, HTTP stays in the files named for it.
func TestHTTPStaysAtTheEdge(t *testing.T) {
	var names []string
	for _, l := range readTable(t) {
		if l.name == "people" || l.name == "domains" {
			names = append(names, l.packages...)
		}
	}
	if len(names) < 2 {
		t.Fatalf("only %v are slices", names)
	}
	for _, s := range sources(t) {
		for _, slice := range names {
			if s.owner == slice && !s.helper && !atTheEdge(path.Base(s.path)) && slices.Contains(s.imports, "net/http") {
				t.Errorf("%s imports net/http; that belongs in http.go or http_<area>.go", s.path)
			}
		}
	}
}

// Every package says what it is.
func TestEveryPackageHasItsDoc(t *testing.T) {
	dirs := make(map[string]bool)
	for _, s := range sources(t) {
		if s.owner != "" {
			dirs[path.Dir(s.path)] = true
		}
	}
	for dir := range dirs {
		if dir == "internal/storage/migrations" { // SQL and the line that embeds it
			continue
		}
		file := filepath.Join("..", dir, "doc.go")
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil || parsed.Doc == nil {
			t.Errorf("%s has no doc.go that says what it is (%v)", dir, err)
		}
	}
}

// readTable reads the layers from ARCHITECTURE.md.
func readTable(t *testing.T) []layer {
	t.Helper()
	content, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(content), "| layer | packages | may import |\n|---|---|---|\n")
	if !found {
		t.Fatal("ARCHITECTURE.md has no table of layers")
	}
	var layers []layer
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			break
		}
		layers = append(layers, layer{strings.TrimSpace(cells[0]), list(cells[1]), list(cells[2])})
	}
	if len(layers) < 5 {
		t.Fatalf("the table of layers has %d rows", len(layers))
	}
	for _, l := range layers {
		for _, name := range l.mayImport {
			if !slices.ContainsFunc(layers, func(other layer) bool { return other.name == name }) {
				t.Errorf("ARCHITECTURE.md: %s may import %s, which is no layer", l.name, name)
			}
		}
	}
	return layers
}

func list(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ' ' || r == '`' })
}

// sources gives all Go files of the repository but its tests.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir("..", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && file != ".." && (e.Name() == "node_modules" || e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".")) {
			return filepath.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(strings.TrimPrefix(file, "../"))}
		if below, ok := strings.CutPrefix(path.Dir(s.path), "internal/"); ok {
			s.owner, _, _ = strings.Cut(below, "/")
			s.helper = isHelper(below)
		}
		for _, i := range parsed.Imports {
			s.imports = append(s.imports, strings.Trim(i.Path.Value, `"`))
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found only %d files", len(all))
	}
	return all
}

// isHelper tells whether a package below internal is one of builders for tests.
func isHelper(below string) bool { return strings.HasSuffix(path.Base(below), "test") }

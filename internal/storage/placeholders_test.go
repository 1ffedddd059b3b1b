package storage_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// SQLite numbers $1, $2 by their first appearance and PostgreSQL by their
// digits, so a text means the same to both only if they first appear in order.

var (
	sqlBegins   = regexp.MustCompile(`(?is)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE|MERGE)\s`)
	sqlWords    = regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|VALUES|AND|SET|LIMIT|IN|RETURNING)\b`)
	placeholder = regexp.MustCompile(`\$(\d+)`)
)

// misordered says what is wrong with the placeholders of a text, or "".
// Fragments, which something unknown goes before, may begin with any number.
func misordered(text string, fragment bool) string {
	if !sqlWords.MatchString(text) {
		return ""
	}
	seen, next := make(map[int]bool), 0
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil || seen[n] {
			continue
		}
		if next == 0 {
			next = n
			if n != 1 && !fragment && sqlBegins.MatchString(text) {
				return fmt.Sprintf("begins with $%d", n)
			}
		}
		if n != next {
			return fmt.Sprintf("$%d appears before $%d", n, next)
		}
		seen[n] = true
		next++
	}
	return ""
}

// flatten joins the parts of a text that is put together with +. What is not
// known is left out; fragment says that something of it comes first.
func flatten(e ast.Expr, consts map[string]ast.Expr, depth int) (text string, fragment bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ = strconv.Unquote(e.Value)
		}
		return text, false
	case *ast.ParenExpr:
		return flatten(e.X, consts, depth)
	case *ast.BinaryExpr:
		left, unknown := flatten(e.X, consts, depth)
		right, unknownRight := flatten(e.Y, consts, depth)
		return left + right, unknown || (left == "" && unknownRight)
	case *ast.Ident:
		if value := consts[e.Name]; value != nil && depth < 5 {
			return flatten(value, consts, depth+1)
		}
	}
	return "", true
}

// checkTexts reports every misordered text of the files of one package.
func checkTexts(fset *token.FileSet, files []*ast.File, report func(pos token.Position, what string)) {
	consts := make(map[string]ast.Expr)
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
				for i, name := range spec.Names {
					if _, again := consts[name.Name]; again {
						consts[name.Name] = nil // not known which one is meant
					} else {
						consts[name.Name] = spec.Values[i]
					}
				}
			}
			return true
		})
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			sum, isSum := n.(*ast.BinaryExpr)
			lit, isLit := n.(*ast.BasicLit)
			if !(isSum && sum.Op == token.ADD) && !(isLit && lit.Kind == token.STRING) {
				return true
			}
			if what := misordered(flatten(e, consts, 0)); what != "" {
				report(fset.Position(n.Pos()), what)
			}
			return false
		})
	}
}

func TestPlaceholdersFirstAppearInOrder(t *testing.T) {
	root := moduleRoot(t)
	fset := token.NewFileSet()
	packages := make(map[string][]*ast.File)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "web" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || filepath.Base(path) == "placeholders_test.go":
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		packages[filepath.Dir(path)] = append(packages[filepath.Dir(path)], f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range packages {
		checkTexts(fset, files, func(pos token.Position, what string) {
			t.Errorf("%s: %s; SQLite would bind other values than PostgreSQL", pos, what)
		})
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the test")
		}
	}
}

func TestPlaceholderGuardSeesMistakes(t *testing.T) {
	cases := []struct{ source, want string }{
		{"const q = `SELECT a FROM t WHERE b = $1 AND c = $2 AND d = $1`", ""},
		{"const q = `SELECT a FROM t WHERE b = $2 AND c = $1`", "begins with $2"},
		{"const q = `INSERT INTO t (a, b) VALUES ($1, $3)`", "$3 appears before $2"},
		{"const a = `SELECT a FROM t WHERE b = $1`\nvar q = a + ` AND c = $3 LIMIT $2`", "$3 appears before $2"},
		{"func f() string { const a = `SELECT a FROM t WHERE b = $1`; return a + ` LIMIT $2` }", ""},
		{"func f(x string) string { return x + ` AND c = $4 AND d = $5` }", ""},
		{"func f(x string) string { return x + ` AND c = $5 AND d = $4` }", "$4 appears before $6"},
		{"const price = `costs $5 AND $3`", "$3 appears before $6"},
		{"const price = `costs $5 or $3`", ""},
	}
	for _, c := range cases {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "case.go", "package p\n"+c.source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		checkTexts(fset, []*ast.File{f}, func(_ token.Position, what string) { got = what })
		if got != c.want {
			t.Errorf("%s\ngot %q, want %q", c.source, got, c.want)
		}
	}
}

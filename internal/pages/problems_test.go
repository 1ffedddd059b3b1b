package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var word = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// Every code that the server can answer with is explained at the address that its
// problem documents name.
func TestEveryCodeIsExplained(t *testing.T) {
	var known []string
	for _, p := range problems {
		if slices.Contains(known, p.Code) {
			t.Errorf("%s stands twice", p.Code)
		}
		known = append(known, p.Code)
	}
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "egress") {
			return err // egress is not in use by a surface yet
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, code := range codesIn(file) {
			found++
			if !slices.Contains(known, code) {
				t.Errorf("%s answers with %q, which the page of problems lacks", path, code)
			}
		}
		return nil
	})
	if err != nil || found < 25 {
		t.Errorf("found %d codes, %v", found, err)
	}
}

// codesIn gives the literals that become codes: Code: "…", and the first argument
// of fault.Conflict, fault.Gone and fault.Unavailable.
func codesIn(file *ast.File) []string {
	var out []string
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && word.MatchString(s) {
				out = append(out, s)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
				add(n.Value)
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if ok && len(n.Args) > 1 && slices.Contains([]string{"Conflict", "Gone", "Unavailable"}, sel.Sel.Name) {
				add(n.Args[0])
			}
		}
		return true
	})
	return out
}

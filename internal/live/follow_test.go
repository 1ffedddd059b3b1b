package live

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every constant that names a type of event is in the list, once.
func TestTypesAreAllListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, d := range file.Decls {
		consts, ok := d.(*ast.GenDecl)
		if !ok || consts.Tok != token.CONST {
			continue
		}
		for _, spec := range consts.Specs {
			if v := spec.(*ast.ValueSpec).Values; len(v) == 1 {
				if text, ok := v[0].(*ast.BasicLit); ok && text.Kind == token.STRING {
					name, err := strconv.Unquote(text.Value)
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(name, ".") { // as every type has
						named = append(named, name)
					}
				}
			}
		}
	}
	listed := Types()
	slices.Sort(listed)
	slices.Sort(named)
	if !slices.Equal(named, listed) {
		t.Errorf("event.go names\n%v\nbut listed are\n%v", named, listed)
	}
	for _, name := range listed {
		if Permission(name) == "" {
			t.Errorf("nobody may be told of %s", name)
		}
	}
}

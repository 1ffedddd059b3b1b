package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Invariant 10: outgoing requests go through one client. No package but egress
// makes one of its own, and none dials but those that speak to databases and NATS.
func TestOnlyEgressReachesOut(t *testing.T) {
	banned := map[string]string{
		"http.Get": "", "http.Post": "", "http.Head": "", "http.PostForm": "", "http.DefaultClient": "", "http.DefaultTransport": "",
		"http.Client": "", "http.Transport": "", "net.Dial": "", "net.DialTimeout": "", "net.Dialer": "", "tls.Dial": "",
	}
	allowed := []string{"internal/egress/", "internal/mail/smtp.go", "client/", "bench/", "internal/live/sse/", "internal/blob/bucket.go"} // mail and files go to the one server that the administrator named; the three before the last are clients of a server, not parts of one
	looked := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel("../..", path)
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(rel, "test/") {
			return nil
		}
		for _, a := range allowed {
			if strings.HasPrefix(rel, a) {
				return nil
			}
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		looked++
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok {
					if _, is := banned[pkg.Name+"."+sel.Sel.Name]; is {
						t.Errorf("%s uses %s.%s; outgoing requests go through internal/egress", rel, pkg.Name, sel.Sel.Name)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 100 {
		t.Errorf("only %d files were looked at", looked)
	}
}

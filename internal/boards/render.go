package boards

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown reads CommonMark with tables, struck-out words, task lists and bare links.
// HTML in it is left out.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tamed{}, 500))),
	)
})

// tamed fits a document into a page: headings begin at the third level, below the
// page's and the post's own, and pictures become links, so that reading a page asks
// no other server.
type tamed struct{}

// Transform changes the document in place.
func (tamed) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(n.Level+2, 6)
		case *ast.Image:
			pictures = append(pictures, n)
		}
		return ast.WalkContinue, nil
	})
	for _, p := range pictures {
		replace(p)
	}
}

// replace puts a link in a picture's place; or its words alone, inside of another link.
func replace(p *ast.Image) {
	inLink := false
	for n := p.Parent(); n != nil; n = n.Parent() {
		_, is := n.(*ast.Link)
		inLink = inLink || is
	}
	if inLink {
		parent := p.Parent()
		for c := p.FirstChild(); c != nil; c = p.FirstChild() {
			parent.InsertBefore(parent, p, c)
		}
		parent.RemoveChild(parent, p)
		return
	}
	link := ast.NewLink()
	link.Destination, link.Title = p.Destination, p.Title
	if p.FirstChild() == nil {
		link.AppendChild(link, ast.NewString(bytes.Clone(p.Destination)))
	}
	for c := p.FirstChild(); c != nil; c = p.FirstChild() {
		link.AppendChild(link, c)
	}
	p.Parent().ReplaceChild(p.Parent(), p, link)
}

// allowed is what may be in a page, whatever the Markdown made: the second of two
// walls, which knows nothing of the first.
var allowed = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(bluemonday.CellAlign).OnElements("th", "td")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").OnElements("input")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	return p
})

// Render gives Markdown as HTML for a page: a safe part of it, without HTML, scripts
// and pictures from elsewhere. Links carry rel="nofollow ugc noopener".
func Render(source string) string {
	var out bytes.Buffer
	if err := markdown().Convert([]byte(source), &out); err != nil {
		return ""
	}
	clean := allowed().SanitizeBytes(out.Bytes())
	return strings.ReplaceAll(string(clean), `rel="nofollow"`, `rel="nofollow ugc noopener"`)
}

// Excerpt gives the beginning of Markdown as plain text on one line, at most so many
// characters.
func Excerpt(source string, most int) string {
	var out strings.Builder
	n, space, fresh := 0, false, true
	for _, r := range source {
		switch {
		case r == '\n' || r == '\r':
			space, fresh = true, true
			continue
		case r == ' ' || r == '\t':
			space = true
			continue
		case strings.ContainsRune("*_`~[]", r) || fresh && strings.ContainsRune("#>-+|=", r):
			continue
		}
		if n >= most {
			out.WriteString("…")
			break
		}
		if space && n > 0 {
			out.WriteByte(' ')
			n++
		}
		out.WriteRune(r)
		n++
		space, fresh = false, false
	}
	return out.String()
}

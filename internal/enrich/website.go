package enrich

import (
	"bytes"
	"context"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/botimum/botimum/internal/egress"
)

// website reads what the first page of a company's own site says of it.
type website struct {
	out  *egress.Client
	page func(domain string) []string // the addresses that are tried
}

func (website) asks() []string { return []string{AsksDomain} }

// host does not name the domain, which is a part of the person's address.
func (website) host() string { return "the website of the address's domain" }

func (w website) look(ctx context.Context, q question) (answer, error) {
	var last error
	for _, address := range w.page(q.domain) {
		body, err := exchange(ctx, w.out, call{method: "GET", url: address, accept: "text/html", takes: isHTML})
		if err != nil {
			last = err
			continue
		}
		if !utf8.Valid(body) {
			return answer{}, &failure{code: "answer_broken"}
		}
		name := siteName(body)
		if name == "" {
			return answer{}, nil
		}
		return answer{fields: map[string]string{"company": name, "company_domain": q.domain}, url: address, confidence: 0.5}, nil
	}
	return answer{}, last
}

// siteName gives what a page calls its site: og:site_name, else og:title, else the
// title up to the first dash or bar.
func siteName(page []byte) string {
	z := html.NewTokenizer(bytes.NewReader(page))
	z.SetMaxBuf(64 << 10)
	said := map[string]string{}
	inTitle := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return bestName(said)
		case html.TextToken:
			if inTitle && said["title"] == "" {
				said["title"] = string(z.Text())
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "head" {
				return bestName(said)
			}
			inTitle = false
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			inTitle = token.Data == "title"
			if token.Data == "meta" {
				if property, content := metaOf(token); property != "" && said[property] == "" {
					said[property] = content
				}
			}
		}
	}
}

func metaOf(t html.Token) (property, content string) {
	for _, a := range t.Attr {
		switch a.Key {
		case "property", "name":
			property = strings.ToLower(strings.TrimSpace(a.Val))
		case "content":
			content = a.Val
		}
	}
	return property, content
}

func bestName(said map[string]string) string {
	for _, from := range []string{"og:site_name", "og:title", "title"} {
		name := clean(said[from], 1000)
		for _, end := range []string{" – ", " — ", " - ", " | ", " · ", ": "} {
			name, _, _ = strings.Cut(name, end)
		}
		if name = clean(name, 100); name != "" {
			return name
		}
	}
	return ""
}

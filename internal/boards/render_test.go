package boards

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRender(t *testing.T) {
	tests := []struct{ in, want string }{
		{"**a** _b_ `c` ~~d~~", "<p><strong>a</strong> <em>b</em> <code>c</code> <del>d</del></p>\n"},
		{"# Big", "<h3>Big</h3>\n"},
		{"see https://example.org/a", `<p>see <a href="https://example.org/a" rel="nofollow ugc noopener">https://example.org/a</a></p>` + "\n"},
		{"[x](mailto:a@example.org)", `<p><a href="mailto:a@example.org" rel="nofollow ugc noopener">x</a></p>` + "\n"},
		{"![cat](https://example.org/cat.png)", `<p><a href="https://example.org/cat.png" rel="nofollow ugc noopener">cat</a></p>` + "\n"},
		{"[![cat](https://e.org/c.png)](https://e.org)", `<p><a href="https://e.org" rel="nofollow ugc noopener">cat</a></p>` + "\n"},
		{"- [x] done", `<ul>` + "\n" + `<li><input checked="" disabled="" type="checkbox"> done</li>` + "\n" + `</ul>` + "\n"},
		{"3. three", `<ol start="3">` + "\n" + `<li>three</li>` + "\n" + `</ol>` + "\n"},
	}
	for _, tt := range tests {
		if got := Render(tt.in); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

// active is markup that does something: no text may become any of it.
var active = regexp.MustCompile(`(?i)<\s*(script|img|svg|iframe|object|embed|style|link|meta|base|form|button|video|audio|source|math|template|body|html|details|marquee)` +
	`|<[^>]*\son[a-z]+\s*=|<[^>]*\s(style|srcset|src|formaction|background|id|class|name|target)\s*=|href\s*=\s*["']?\s*(?:javascript|data|vbscript|file|//|/|#)`)

var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg onload=alert(1)>`, `<a href="javascript:alert(1)">x</a>`, `[x](javascript:alert(1))`,
	`[x](JaVaScRiPt:alert(1))`, "[x](java\nscript:alert(1))", `[x](&#106;avascript:alert(1))`, `[x](javascript&colon;alert(1))`, `[x](data:text/html;base64,PHNjcmlwdD4=)`,
	`[x](vbscript:x)`, `[x](//evil.example)`, `[x](/api/v1/session)`, `[x](#top)`, `![x](javascript:alert(1))`, `![x" onerror="alert(1)](https://e.org/x.png)`,
	`[x](https://e.org "onmouseover=alert(1)")`, `[x](https://e.org" onclick="alert(1))`, `<https://e.org/" onclick=alert(1)>`, `<javascript:alert(1)>`,
	"`<script>`", "```html\n<script>alert(1)</script>\n```", "<details open ontoggle=alert(1)>", "<!-- --><script>alert(1)</script>", "<![CDATA[<script>]]>",
	`<math><mi//xlink:href="data:x,<script>">`, `<style>@import "//evil.example"</style>`, `<iframe srcdoc="<script>alert(1)</script>">`, `&lt;script&gt;alert(1)&lt;/script&gt;`,
	`<a href=" &#14; javascript:alert(1)">x</a>`, "[x]: javascript:alert(1)\n\n[x]", `<form action=//e.org><button>x`, `<base href=//e.org>`, "|a|\n|:-\" onclick=alert(1) -|\n|b|",
	`<input type=image src=x onerror=alert(1)>`, "\x00<script>alert(1)</script>", `[a](<javascript:alert(1)>)`, `[x](file:///etc/passwd)`, `<img/src="x"/onerror=alert(1)>`,
	`<table background="javascript:alert(1)">`, "{{constructor.constructor('alert(1)')()}}", `<p id="text" class="votes" style="position:fixed">x</p>`, `[x](https://e.org\" onfocus=alert(1) autofocus)`,
}

func TestRenderTamesHostileText(t *testing.T) {
	for _, in := range hostile {
		for _, whole := range []string{in, "> " + in, "- " + in, "**" + in + "**", "[" + in + "](https://example.org)"} {
			if got := Render(whole); active.MatchString(got) {
				t.Errorf("%q became %q", whole, got)
			}
		}
	}
	for _, deep := range []string{strings.Repeat("> ", 5000) + "x", strings.Repeat("[", 20000), strings.Repeat("*a_", 6000), strings.Repeat("- ", 8000), strings.Repeat("|", 19000)} {
		if got := Render(deep); active.MatchString(got) {
			t.Error("a deep text became active")
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, in := range hostile {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if !utf8.ValidString(in) || len(in) > maxBody {
			return
		}
		if got := Render(in); active.MatchString(got) {
			t.Errorf("%q became %q", in, got)
		}
	})
}

func TestExcerpt(t *testing.T) {
	tests := []struct {
		in   string
		most int
		want string
	}{
		{"# Hello\n\n**bold** [x](y)", 100, "Hello bold x(y)"}, {"one two three", 7, "one two…"}, {"", 10, ""}, {"> quoted\n- item", 100, "quoted item"}, {"éé", 1, "é…"},
	}
	for _, tt := range tests {
		if got := Excerpt(tt.in, tt.most); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

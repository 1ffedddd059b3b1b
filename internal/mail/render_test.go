package mail_test

import (
	"bytes"
	"errors"
	"flag"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/mail/mailtest"
	"github.com/botimum/botimum/internal/storage"
)

var update = flag.Bool("update", false, "write the golden files anew")

var languages = []string{"en", "de", "fr", "es", "pl", "ar"}

// values are one proper value for each that a template takes. Those of text are such
// that they must be escaped.
var values = map[string]map[string]string{
	mail.PrivacyLink:       {"url": "https://example.org/l/tok?a=1&b=2", "minutes": "30"},
	mail.RequestReceived:   {"kind": "access", "due_date": "2026-12-02", "url": "https://example.org/r"},
	mail.RequestCompleted:  {"kind": "portability", "url": "https://example.org/r"},
	mail.RequestRefused:    {"kind": "erasure", "reason": "We owe <you> a refund & must keep\nthe invoice.", "authority": "Data \"Authority\" <north>", "url": "https://example.org/r"},
	mail.RequestDue:        {"kind": "objection", "due_date": "2027-03-31T10:00:00Z", "url": "https://example.org/r"},
	mail.RequestEscalated:  {"kind": "restriction", "due_date": "2026-08-01", "url": "https://example.org/r"},
	mail.RestrictionLifted: {"reason": "The <dispute> & its end"},
	mail.RequestExtended:   {"kind": "access", "due_date": "2026-12-02", "reason": "Many <files> & few hands", "url": "https://example.org/r"},
	mail.Erased:            {"erased_at": "2026-12-02", "receipt": "ers_01jdb2k8q5e6r7s8t9v0w1x2y3"},
	mail.Rectified:         {"fields": "first_name, email,attributes"},
	mail.ParentalConsent:   {"child_service": "Tom & <Jerry>", "url": "https://example.org/p"},
	mail.BoardSignIn:       {"url": "https://example.org/b/tok?a=1&b=2", "minutes": "15"},
	mail.PostStatus:        {"post": "A <dark> theme & more", "status": "Planned <soon>", "url": "https://example.org/p/3", "stop": "https://example.org/u/tok"},
	mail.PostAnswer:        {"post": "A <dark> theme & more", "answer": "We <like> it &\nstart in March.", "url": "https://example.org/p/3", "stop": "https://example.org/u/tok"},
	mail.PostMerged:        {"post": "A <dark> theme & more", "into": "Night & <day>", "url": "https://example.org/p/3", "stop": "https://example.org/u/tok"},
	mail.PostShipped:       {"post": "A <dark> theme & more", "entry": "The <dark> & the light", "url": "https://example.org/changelog/1", "stop": "https://example.org/u/tok"},
	mail.Test:              nil,
}

// shown is how a value must appear, where it is not as it was given.
var shown = map[string]string{"30": "30", "2026-12-02": "2026", "2027-03-31T10:00:00Z": "2027", "2026-08-01": "2026"}

func message(template, locale string) mail.Message {
	return mail.Message{Address: "ada@example.org", Name: "Ada <Lovelace>", Locale: locale, Template: template, Values: values[template]}
}

var quayside = mail.Workspace{Name: "Quayside & <Sons>", Locale: "en", Notice: "https://help.quayside.example/privacy/quayside"}

// Every language has every template, in both forms, as in the golden files.
// A redaction need not look into mails: no template takes a part of a conversation.
// What stands on a board is public, and was masked as it was stored.
// Whoever adds one that does has redaction and the policy for sensitive text reach it.
func TestNoMailCarriesAMessage(t *testing.T) {
	allowed := []string{"url", "minutes", "kind", "due_date", "reason", "authority", "fields", "child_service", "erased_at", "receipt", "post", "status", "answer", "into", "entry", "stop"}
	for _, template := range mail.Templates() {
		for name := range values[template] {
			if !slices.Contains(allowed, name) {
				t.Errorf("the mail %s carries %s", template, name)
			}
		}
	}
}

func TestTemplates(t *testing.T) {
	if len(mail.Templates()) != len(values) {
		t.Fatalf("%d templates, %d tried", len(mail.Templates()), len(values))
	}
	for _, template := range mail.Templates() {
		for _, lang := range languages {
			t.Run(template+"/"+lang, func(t *testing.T) {
				m := message(template, lang)
				m.Name = "Ada Lovelace"
				got, err := mail.Render(m, quayside)
				if err != nil {
					t.Fatal(err)
				}
				if got.Lang != lang || got.RTL != (lang == "ar") {
					t.Errorf("in %s, right to left: %v", got.Lang, got.RTL)
				}
				golden(t, template+"."+lang+".txt", "Subject: "+got.Subject+"\n\n"+got.Text)
				golden(t, template+"."+lang+".html", got.HTML)
				for _, form := range []string{got.Subject, got.Text, got.HTML} {
					if strings.ContainsAny(strings.NewReplacer("body{", "", "}", "").Replace(cutStyle(form)), "{}") {
						t.Errorf("a place for a value is left open: %s", form)
					}
				}
				usesValues(t, got, values[template])
			})
		}
	}
}

func cutStyle(s string) string {
	before, after, found := strings.Cut(s, "<style>")
	if !found {
		return s
	}
	_, after, _ = strings.Cut(after, "</style>")
	return before + after
}

// usesValues finds every value in both forms, escaped in the one.
func usesValues(t *testing.T, got mail.Rendered, values map[string]string) {
	t.Helper()
	for name, v := range values {
		if name == "kind" || name == "fields" {
			if strings.Contains(got.Text, v) {
				t.Errorf("%s is not put into words", name)
			}
			continue
		}
		if s, ok := shown[v]; ok {
			v = s
		}
		if !strings.Contains(got.Text, v) {
			t.Errorf("%s is not in the text", name)
		}
		if !strings.Contains(html.UnescapeString(got.HTML), v) {
			t.Errorf("%s is not in the HTML", name)
		}
		if html.EscapeString(v) != v && strings.Contains(got.HTML, v) {
			t.Errorf("%s is not escaped", name)
		}
	}
	if strings.Contains(got.HTML, "<Sons>") || strings.Contains(got.HTML, "<img") || strings.Contains(got.HTML, "src=") {
		t.Error("the HTML holds what it must not")
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// All languages say the same things: no label, kind or month is missing anywhere.
func TestWordsAreComplete(t *testing.T) {
	for _, missing := range mail.MissingWords() {
		t.Error(missing)
	}
}

func TestLanguage(t *testing.T) {
	for locale, want := range map[string]string{"de-AT": "de", "DE": "de", "fr_CA": "fr", "ar-EG": "ar", "": "pl", "nl": "pl", "xx": "pl"} {
		got, err := mail.Render(message(mail.Test, locale), mail.Workspace{Name: "W", Locale: "pl"})
		if err != nil || got.Lang != want {
			t.Errorf("%q: %s (%v), want %s", locale, got.Lang, err, want)
		}
	}
	if got, err := mail.Render(message(mail.Test, "nl"), mail.Workspace{Name: "W", Locale: "sv"}); err != nil || got.Lang != "en" {
		t.Errorf("in %s (%v), want en", got.Lang, err)
	}
}

// A mail is written with exactly what its template takes, or not at all.
func TestMistakesOfCallers(t *testing.T) {
	db := oneDB(t)
	w := newWorld(t, db, nil)
	ada := w.contact(t)
	change := func(fn func(*mail.Message)) mail.Message {
		m := hello(ada, "k")
		fn(&m)
		return m
	}
	set := func(name, v string) func(*mail.Message) {
		return func(m *mail.Message) {
			m.Values = map[string]string{"url": "https://example.org/", "minutes": "30"}
			m.Values[name] = v
		}
	}
	for name, m := range map[string]mail.Message{
		"no template":          change(func(m *mail.Message) { m.Template = "hi" }),
		"no values":            change(func(m *mail.Message) { m.Values = nil }),
		"one value too many":   change(set("colour", "red")),
		"no number":            change(set("minutes", "many")),
		"no link":              change(set("url", "javascript:alert(1)")),
		"a link of two lines":  change(set("url", "https://example.org/\r\nBcc: eve@example.org")),
		"an empty link":        change(set("url", "")),
		"no workspace":         change(func(m *mail.Message) { m.WorkspaceID = "" }),
		"no key":               change(func(m *mail.Message) { m.Key = "" }),
		"for nobody":           change(func(m *mail.Message) { m.ContactID = "" }),
		"for two":              change(func(m *mail.Message) { m.OperatorID = "opr_1" }),
		"unsubscribe by http":  change(func(m *mail.Message) { m.Unsubscribe = "http://example.org/u" }),
		"an unknown kind":      {WorkspaceID: ws, ContactID: ada, Address: "a@example.org", Key: "k", Template: mail.RequestCompleted, Values: map[string]string{"kind": "magic", "url": "https://example.org"}},
		"a date of the future": {WorkspaceID: ws, ContactID: ada, Address: "a@example.org", Key: "k", Template: mail.RequestReceived, Values: map[string]string{"kind": "access", "url": "https://example.org", "due_date": "soon"}},
	} {
		if _, err := w.Prepare(t.Context(), m); err == nil {
			t.Errorf("%s: prepared", name)
		}
	}
	if _, err := w.Prepare(t.Context(), change(func(m *mail.Message) { m.ContactID = "con_unknown" })); err == nil {
		t.Error("a mail to somebody without a key was prepared")
	}
}

// parts reads a mail as a mail program does.
func parts(t *testing.T, raw mailtest.Received) (text, html string) {
	t.Helper()
	m := raw.Message(t)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return text, html
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			html = string(b)
		} else {
			text = string(b)
		}
	}
}

// What people call themselves reaches the server as text, and nowhere as a header.
func TestHeaders(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		for name, tt := range map[string]struct {
			called, workspace string
			to, from          string // names, decoded
			greeting          string
		}{
			"other scripts":     {"Zoë Ñandú 王", "Käfer & Söhne", "Zoë Ñandú 王", "Käfer & Söhne", "Hello Zoë Ñandú 王,"},
			"a header":          {"Ada\r\nBcc: eve@example.org", "W\nX-Evil: 1", "", "W X-Evil: 1", "Hello,"},
			"a header alone":    {"Ada\nX-Evil: 1", "W", "Ada X-Evil: 1", "W", "Hello Ada X-Evil: 1,"},
			"a null byte":       {"Ada\x00Lovelace", "W\x00", "Ada Lovelace", "W", "Hello Ada Lovelace,"},
			"turned around":     {"Ada\u202eecalevoL", "W", "Ada ecalevoL", "W", "Hello Ada ecalevoL,"},
			"a line separator":  {"Ada\u2028Bcc: x", "W", "Ada Bcc: x", "W", "Hello Ada Bcc: x,"},
			"an advertisement":  {"Win at evil.example now", "W", "", "W", "Hello,"},
			"an address":        {"eve@example.org", "W", "", "W", "Hello,"},
			"quotes":            {`Ada "the" Lovelace`, `W "x" <y@z>`, "", `W "x" <y@z>`, "Hello,"},
			"nothing":           {"", "W", "", "W", "Hello,"},
			"broken UTF-8":      {"Ada\xff", "W\xfe", "Ada", "W", "Hello Ada,"},
			"initials and dots": {"J. R. Hartley Jr.", "W", "J. R. Hartley Jr.", "W", "Hello J. R. Hartley Jr.,"},
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, db, mailtest.New(t), func(d *mail.Deps) { d.Workspace = fixed(tt.workspace) })
				t.Cleanup(func() { w.clear(t) })
				m := hello(w.contact(t), name)
				m.Name = tt.called
				w.queue(t, m)
				w.deliver(t, 1)
				raw := w.sent(t)
				h := raw.Message(t).Header
				to, err := h.AddressList("To")
				if err != nil || len(to) != 1 || to[0].Name != tt.to || to[0].Address != "ada@example.org" {
					t.Errorf("to %v (%v), want %q", to, err, tt.to)
				}
				from, err := h.AddressList("From")
				if err != nil || len(from) != 1 || from[0].Name != tt.from || from[0].Address != "privacy@quayside.example" {
					t.Errorf("from %v (%v), want %q", from, err, tt.from)
				}
				if h.Get("X-Evil") != "" || h.Get("Bcc") != "" || raw.To != "ada@example.org" {
					t.Errorf("a header was added: %v", h)
				}
				for _, b := range raw.Raw {
					if b > 126 {
						t.Fatalf("a byte that is not ASCII went out")
					}
				}
				if text, html := parts(t, raw); !strings.Contains(text, "\n"+tt.greeting+"\r\n") || !strings.Contains(html, "<p>") {
					t.Errorf("greets otherwise than %q:\n%s", tt.greeting, text)
				}
				if subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil || subject != "Your link to your data at "+tt.from {
					t.Errorf("subject %q (%v)", subject, err)
				}
			})
		}
	})
}

// A mail that people can do without says how to end it, by one POST (RFC 8058).
func TestUnsubscribe(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, mailtest.New(t))
		m := hello(w.contact(t), "k")
		m.Unsubscribe = "https://help.quayside.example/u/tok"
		w.queue(t, m)
		w.deliver(t, 1)
		h := w.sent(t).Message(t).Header
		if h.Get("List-Unsubscribe") != "<https://help.quayside.example/u/tok>" || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("%q %q", h.Get("List-Unsubscribe"), h.Get("List-Unsubscribe-Post"))
		}
	})
}

func TestAddresses(t *testing.T) {
	db := oneDB(t)
	for address, want := range map[string]struct{ clean, code string }{
		"ada@example.org":               {"ada@example.org", ""},
		"  Ada.Lovelace+x@Example.ORG ": {"Ada.Lovelace+x@example.org", ""},
		"ada@münchen.example":           {"ada@xn--mnchen-3ya.example", ""},
		"ada@例え.テスト":                    {"ada@xn--r8jz45g.xn--zckzah", ""},
		"o'neill_{x}@example.org":       {"o'neill_{x}@example.org", ""},
		"müller@example.org":            {"", mail.CodeAddressUnsupported},
		"用户@例え.テスト":                     {"", mail.CodeAddressUnsupported},
		"":                              {"", mail.CodeAddressInvalid},
		"ada":                           {"", mail.CodeAddressInvalid},
		"@example.org":                  {"", mail.CodeAddressInvalid},
		"ada@":                          {"", mail.CodeAddressInvalid},
		"a b@example.org":               {"", mail.CodeAddressInvalid},
		".ada@example.org":              {"", mail.CodeAddressInvalid},
		"a..b@example.org":              {"", mail.CodeAddressInvalid},
		`"a b"@example.org`:             {"", mail.CodeAddressInvalid},
		"ada@example.org\r\nRCPT TO:<eve@example.org>": {"", mail.CodeAddressInvalid},
		"ada\n@example.org":                            {"", mail.CodeAddressInvalid},
		"ada@example.org>":                             {"", mail.CodeAddressInvalid},
		"ada@[127.0.0.1]":                              {"", mail.CodeAddressInvalid},
		"ada@-x.example":                               {"", mail.CodeAddressInvalid},
		"ada@example..org":                             {"", mail.CodeAddressInvalid},
		"ada@example.org,eve@example.org":              {"", mail.CodeAddressInvalid},
		strings.Repeat("a", 65) + "@example.org":       {"", mail.CodeAddressInvalid},
		"a@" + strings.Repeat(strings.Repeat("x", 60)+".", 5) + "org": {"", mail.CodeAddressInvalid},
	} {
		t.Run("address "+address, func(t *testing.T) {
			got, err := mail.CheckAddress(address)
			if got != want.clean || fault.Is(err, fault.KindInvalid) != (want.code != "") {
				t.Errorf("%q (%v), want %q", got, err, want.clean)
			}
			if err != nil && address != "" && strings.Contains(strings.ReplaceAll(err.Error(), "name@example.org", ""), address) {
				t.Errorf("the error repeats the address: %v", err)
			}
			w := newWorld(t, db, mailtest.New(t)) // a bad address never stops what caused the mail
			t.Cleanup(func() { w.clear(t) })
			m := hello(w.contact(t), "k")
			m.Address = address
			w.queue(t, m)
			if want.code != "" {
				w.is(t, mail.StateFailed, want.code)
				w.deliver(t, 0)
				return
			}
			w.deliver(t, 1)
			if got := w.sent(t); got.To != want.clean || bytes.Contains(got.Raw, []byte("eve@")) {
				t.Errorf("to %q, want %q", got.To, want.clean)
			}
		})
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"ada@example.org", "a@b\r\nc", "ü@ü.example", "\"a\"@b", "a@[::1]", "a@b>c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, err := mail.CheckAddress(s)
		if err != nil {
			return
		}
		if again, err := mail.CheckAddress(clean); err != nil || again != clean {
			t.Errorf("%q becomes %q, and that %q (%v)", s, clean, again, err)
		}
		for _, r := range clean {
			if r <= ' ' || r > '~' || strings.ContainsRune("<>,;:\"[]()\\", r) {
				t.Errorf("%q became %q", s, clean)
			}
		}
	})
}

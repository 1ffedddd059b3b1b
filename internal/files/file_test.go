package files

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"photo.png": "photo.png", "../../etc/passwd": "passwd", `C:\Users\ada\cv.pdf`: "cv.pdf", "/": "file", "": "file", "...": "file", "  a  b\t.txt ": "a b .txt",
		"rechnung\u202egnp.exe": "rechnunggnp.exe", "a\u200b\u2066b\ufeff.png": "ab.png", "line\nbreak\x00.txt": "line break.txt", "résumé ☂ 日本.pdf": "résumé ☂ 日本.pdf",
		"na\u0308chte.txt": "nächte.txt", `a<b>:"c"|?*.txt`: "a_b___c____.txt", "\xff\xfe.txt": "_.txt", ".htaccess": "htaccess", "ملف.pdf": "ملف.pdf",
	} {
		if got := cleanName(name); got != want {
			t.Errorf("%q became %q, not %q", name, got, want)
		}
	}
	long := cleanName(strings.Repeat("ö", 1000) + ".pdf")
	if utf8.RuneCountInString(long) != maxName || !strings.HasSuffix(long, "ö.pdf") {
		t.Errorf("a long name became %q", long)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		got := cleanName(name)
		if got == "" || utf8.RuneCountInString(got) > maxName || strings.ContainsAny(got, "/\\\x00\r\n\u202e\"") || strings.HasPrefix(got, ".") || cleanName(got) != got {
			t.Fatalf("%q became %q, then %q", name, got, cleanName(got))
		}
	})
}

func TestKinds(t *testing.T) {
	const png, pdf, zip = "\x89PNG\r\n\x1a\n", "%PDF-1.7\n", "PK\x03\x04"
	for _, c := range []struct{ name, content, want string }{
		{"a.png", png, "image/png"}, {"a.jpg", png, "image/png"}, {"a", png, "image/png"}, {"a.txt", png, ""}, {"a.html", png, ""}, {"a.exe", png, ""},
		{"a.pdf", pdf, "application/pdf"}, {"a.png", pdf, ""}, {"a.docx", zip, "application/zip"}, {"a.zip", zip, "application/zip"}, {"a.jar", zip, ""}, {"a.apk", zip, ""},
		{"a.txt", "hello", "text/plain"}, {"a.csv", "a,b\n", "text/plain"}, {"a.json", `{"a":1}`, "text/plain"}, {"a.js", "alert(1)", ""}, {"a.png", "hello", ""}, {"a", "hello", "text/plain"},
		{"a.html", "<html><body>", ""}, {"a.png", "<html><body>", ""}, {"a.txt", "<html><body>", ""}, {"a.txt", "x <script>alert(1)</script>", ""}, {"a.txt", "  \n<!DOCTYPE svg>", ""},
		{"a.svg", `<svg xmlns="http://www.w3.org/2000/svg">`, ""}, {"a.png", `<svg onload="x">`, ""}, {"a.xml", `<?xml version="1.0"?>`, ""}, {"a.txt", "a\x00b", ""}, {"a.txt", "\xff\xfea\x00", ""},
		{"a.exe", "MZ\x90\x00", ""}, {"a.txt", "MZ\x90\x00", ""}, {"a.mp4", "\x00\x00\x00\x18ftypmp42", ""}, {"a.gz", "\x1f\x8b\x08", ""}, {"a.eml", "Subject: x", ""}, {"a.hta", "x", ""},
	} {
		got, err := kindOf(c.name, []byte(c.content))
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s with %q is %q, %v", c.name, c.content, got, err)
		}
	}
	for _, c := range [][3]string{{"a.jpg", "image/png", "a.png"}, {"a.jpeg", "image/jpeg", "a.jpeg"}, {"a", "text/plain", "a.txt"}, {"a.b", "application/pdf", "a.b.pdf"}, {"a.docx", "application/zip", "a.docx"}} {
		if got := named(c[0], c[1]); got != c[2] {
			t.Errorf("%s as %s is %s", c[0], c[1], got)
		}
	}
}

package files

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/picture"
)

// endingsOf are the endings of names by type, the usual one first. What is in none of
// the lists is not taken.
var endingsOf = map[string][]string{
	"image/png":       {"png"},
	"image/jpeg":      {"jpg", "jpeg", "jfif"},
	"image/gif":       {"gif"},
	"image/webp":      {"webp"},
	"application/pdf": {"pdf"},
	"application/zip": {"zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"},
	"text/plain":      {"txt", "log", "md", "csv", "tsv", "json", "yaml", "yml", "toml", "ini", "conf", "diff", "patch", "sql"},
}

// known are all endings of types that are taken.
var known = func() map[string]bool {
	all := map[string]bool{}
	for _, endings := range endingsOf {
		for _, e := range endings {
			all[e] = true
		}
	}
	return all
}()

// pictures bounds what is read as a picture: the photo of a telephone of these days
// has 24 million pixels.
var pictures = picture.Limits{Side: 16_384, Pixels: 26_000_000, Kept: 2560}

func refused(detail string) error { return fault.Invalid("file", detail) }

var errKind = refused("must be a picture (PNG, JPEG, GIF, WebP), a PDF, a ZIP or office document, or a text")

// kindOf gives a file's type by what is in it. A name that says otherwise is refused:
// it would have people open something else than they think.
func kindOf(name string, content []byte) (string, error) {
	sniffed, _, _ := strings.Cut(http.DetectContentType(content), ";")
	if sniffed == "text/plain" && !isText(content) {
		return "", errKind
	}
	endings, taken := endingsOf[sniffed]
	says := ending(name)
	switch {
	case !taken:
		return "", errKind
	case says == "" || slices.Contains(endings, says):
		return sniffed, nil
	case strings.HasPrefix(sniffed, "image/") && isPictureEnding(says): // a PNG that is called .jpg
		return sniffed, nil
	case known[says]:
		return "", refused("is no " + says + " inside, as its name says")
	}
	return "", errKind
}

func isPictureEnding(says string) bool {
	for kind, endings := range endingsOf {
		if strings.HasPrefix(kind, "image/") && slices.Contains(endings, says) {
			return true
		}
	}
	return false
}

// isText tells whether content is text of ours and nothing that a browser would take
// for markup.
func isText(content []byte) bool {
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return false
	}
	head := bytes.ToLower(content[:min(len(content), 1024)])
	for _, tag := range [][]byte{[]byte("<svg"), []byte("<html"), []byte("<script"), []byte("<!doctype"), []byte("<?xml")} {
		if bytes.Contains(head, tag) {
			return false
		}
	}
	return true
}

// drawn gives a file as it is kept.
func drawn(kind string, content []byte) (File, []byte, error) {
	if !strings.HasPrefix(kind, "image/") {
		return File{Type: kind, Size: int64(len(content))}, content, nil
	}
	p, err := picture.Draw(content, pictures)
	switch {
	case errors.Is(err, picture.ErrTooLarge):
		return File{}, nil, refused("must be a picture of at most 26 million pixels; those of a GIF count together")
	case err != nil:
		return File{}, nil, refused("is a picture that cannot be read")
	}
	return File{Type: p.Type, Size: int64(len(p.Content)), Width: p.Width, Height: p.Height}, p.Content, nil
}

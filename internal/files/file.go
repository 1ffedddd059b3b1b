package files

import (
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What bounds files.
const (
	MaxSize   = 10 << 20 // bytes of one
	MaxOf     = 5        // attached to one post or comment
	maxName   = 120      // runes of a name
	keepLoose = 24 * time.Hour
)

// File is something that somebody attached.
type File struct {
	ID        string    `json:"id" example:"fil_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Name      string    `json:"name" doc:"As it was uploaded, without folders and invisible characters."`
	Type      string    `json:"type" doc:"By what is in it: a picture's, application/pdf, application/zip, text/plain."`
	Size      int64     `json:"size" doc:"Bytes, as it is served: pictures are drawn anew."`
	Width     int       `json:"width" doc:"Of a picture, in pixels; else 0."`
	Height    int       `json:"height"`
	CreatedAt time.Time `json:"created_at"`
}

// IsPicture tells whether browsers may show it in a page.
func (f *File) IsPicture() bool { return strings.HasPrefix(f.Type, "image/") }

// cleanName gives a name as it is kept: its last part, in one line, without what
// hides or turns characters, at most 120 of them, with its ending.
func cleanName(name string) string {
	if !utf8.ValidString(name) {
		name = strings.ToValidUTF8(name, "_")
	}
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, name)
	name = norm.NFC.String(name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if runes := []rune(name); len(runes) > maxName {
		ending := []rune(path.Ext(name))
		if len(ending) > 12 {
			ending = nil
		}
		name = strings.TrimRight(string(runes[:maxName-len(ending)]), ". ") + string(ending)
	}
	if name == "" {
		return "file"
	}
	return name
}

// ending gives the end of a name, in lower case and without the dot.
func ending(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

// named gives a name with the ending that its type has, where it says another one:
// whoever saves it opens it with the right program.
func named(name, kind string) string {
	endings := endingsOf[kind]
	if len(endings) == 0 || slices.Contains(endings, ending(name)) {
		return name
	}
	if known[ending(name)] {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	return name + "." + endings[0]
}

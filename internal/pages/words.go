package pages

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	book "github.com/botimum/botimum/internal/words"
)

//go:embed words/*.json
var wordFiles embed.FS

// tongues are the portal's languages; the first is for everybody else.
var tongues = book.Tongues()

// words are all that the portal says in one language, by name.
type words struct{ book.Words }

// allWords reads the languages once. The files are part of the program, and a test
// reads them: they cannot fail.
var allWords = sync.OnceValue(func() *book.Book {
	files, err := fs.Sub(wordFiles, "words")
	if err != nil {
		panic(fmt.Sprintf("pages: %v", err))
	}
	b, err := book.Read(files)
	if err != nil {
		panic(fmt.Sprintf("pages: %v", err))
	}
	return b
})

// wordsFor gives the words of the language that is nearest to the first wish that
// can be met. A wish is a tag, or a list as in Accept-Language (RFC 9110, 12.5.4).
func wordsFor(wishes ...string) words { return words{allWords().For(wishes...)} }

// tongueOf gives the language of the portal that a tag is of, as de-AT is of de; ""
// where there is none.
func tongueOf(tag string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	if allWords().Has(base) {
		return base
	}
	return ""
}

// Has tells whether there is such a text.
func (w words) Has(key string) bool { return w.Or(key, "") != "" }

// N gives a text about a number of things.
func (w words) N(key string, n int) string { return w.Words.N(key, int64(n)) }

// Moment gives a day and time of day.
func (w words) Moment(t time.Time) string {
	return w.T("moment", "date", w.Date(t), "time", t.UTC().Format("15:04"))
}

// Join puts a comma between texts.
func (w words) Join(texts []string) string { return strings.Join(texts, w.T("comma")) }

// Languages gives the tags of the portal's languages.
func Languages() []string {
	tags := make([]string, len(tongues))
	for i, t := range tongues {
		tags[i] = t.Tag
	}
	return tags
}

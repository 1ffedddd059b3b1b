package imports

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/botimum/botimum/internal/contacts"
)

// Separators are what may stand between cells.
func Separators() []string { return []string{",", ";", "\t", "|"} }

// sniffed is what a file's beginning says of its form.
type sniffed struct {
	separator string
	skip      int // lines before the table
}

const sniffRows = 20

// sniff finds out how the cells of a text are separated: by what gives most columns
// in most rows. Excel's first line sep=; says so itself, and lines that begin with #
// before the table are remarks, such as the one of our own exports.
func sniff(head []byte) sniffed {
	skip := 0
	for {
		line, rest, more := bytes.Cut(head, []byte("\n"))
		line = bytes.TrimSpace(line)
		if s, is := strings.CutPrefix(strings.ToLower(string(line)), "sep="); is && skip == 0 {
			if s == "" {
				s = "\t"
			}
			return sniffed{separator: s[:1], skip: 1}
		}
		if !more || !bytes.HasPrefix(line, []byte("# ")) && !bytes.HasPrefix(line, []byte(`"# `)) {
			break
		}
		head, skip = rest, skip+1
	}
	best, most := sniffed{separator: ",", skip: skip}, 0
	for _, separator := range Separators() {
		if score := scoreOf(head, separator); score > most {
			best.separator, most = separator, score
		}
	}
	return best
}

// scoreOf counts the cells of those rows that are as wide as the first.
func scoreOf(head []byte, separator string) int {
	r := newReader(bytes.NewReader(head), separator, true)
	width, score := 0, 0
	for range sniffRows {
		row, err := r.read()
		if errors.Is(err, io.EOF) || err != nil {
			break
		}
		if width == 0 {
			width = len(row.cells)
		}
		if len(row.cells) == width && width > 1 {
			score += width
		}
	}
	return score
}

// looksLikeHeader tells whether the first row names the columns rather than being
// somebody: it has words that fields are called by, or no address and no digits.
func looksLikeHeader(first []string, guesses []string) bool {
	for _, cell := range first {
		if contacts.IsAddress(cell) {
			return false
		}
	}
	for _, g := range guesses {
		if g != "" {
			return true
		}
	}
	seen := map[string]bool{}
	for _, cell := range first {
		cell = strings.TrimSpace(cell)
		if cell == "" || seen[cell] || strings.ContainsFunc(cell, unicode.IsDigit) {
			return false
		}
		seen[cell] = true
	}
	return true
}

package enrich

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// pathForm is that of a path into JSON: names and numbers of list items, apart by
// dots, such as data.employments.0.name.
var pathForm = regexp.MustCompile(`^[A-Za-z0-9_$-]{1,64}(\.[A-Za-z0-9_$-]{1,64}){0,9}$`)

const maxDepth = 64 // of JSON that is read

// decode reads JSON that is UTF-8 and not deeper than anybody means it.
func decode(body []byte) (any, error) {
	if !utf8.Valid(body) || depth(body) > maxDepth {
		return nil, &failure{code: "answer_broken"}
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, &failure{code: "answer_not_json"}
	}
	return v, nil
}

// depth counts how deep brackets stand in each other.
func depth(body []byte) (deepest int) {
	level, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case !inText && (c == '{' || c == '['):
			level++
			deepest = max(deepest, level)
		case !inText && (c == '}' || c == ']'):
			level--
		}
	}
	return deepest
}

// at follows a path; nil where it leads nowhere.
func at(v any, path string) any {
	if path == "" {
		return nil
	}
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// textAt gives the text at a path as it may be shown: in one line, without what
// cannot be seen; "" where there is none, or another type.
func textAt(v any, path string, limit int) string {
	s, isText := at(v, path).(string)
	if !isText {
		return ""
	}
	return clean(s, limit)
}

// clean gives a text in one line, without characters that cannot be seen or turn the
// direction of writing; "" if it is longer than the limit.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unseen, r):
			return -1
		}
		return r
	}, norm.NFC.String(s))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > limit || !strings.ContainsFunc(s, isSeen) {
		return ""
	}
	return s
}

// unseen are characters of no width: they turn the direction of writing, or hide
// something. The joiners that Persian and the languages of India are written with
// are not among them.
var unseen = &unicode.RangeTable{R16: []unicode.Range16{{0x00ad, 0x00ad, 1}, {0x061c, 0x061c, 1}, {0x180e, 0x180e, 1}, {0x200b, 0x200b, 1}, {0x200e, 0x200f, 1},
	{0x202a, 0x202e, 1}, {0x2060, 0x206f, 1}, {0xfeff, 0xfeff, 1}, {0xfff9, 0xfffb, 1}}, R32: []unicode.Range32{{0xe0000, 0xe007f, 1}}, LatinOffset: 1}

// isSeen tells letters, digits, marks that stand for themselves and signs from
// joiners and marks that need another character.
func isSeen(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}

// numberAt gives the number at a path, and whether there is one.
func numberAt(v any, path string) (float64, bool) {
	n, is := at(v, path).(float64)
	return n, is
}

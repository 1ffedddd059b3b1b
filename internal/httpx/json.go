package httpx

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

var (
	errUTF8 = errors.New("not UTF-8")
	errNull = errors.New("null character")
)

// jsonFormat reads and writes JSON more strictly than encoding/json: invalid
// UTF-8 is refused instead of replaced, as are null characters, which
// PostgreSQL cannot hold, and anything that follows the document.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errUTF8
		}
		if bytes.Contains(data, []byte(`\u0000`)) && hasNull(data) {
			return errNull
		}
		return json.Unmarshal(data, v)
	},
}

// hasNull tells whether any string in the document holds U+0000, as opposed to
// the six characters of its escape after an escaped backslash.
func hasNull(data []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := dec.Token()
		if err != nil {
			return false
		}
		if s, ok := tok.(string); ok && strings.ContainsRune(s, 0) {
			return true
		}
	}
}

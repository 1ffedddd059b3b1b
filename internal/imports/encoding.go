package imports

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings that a file may have.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
	Latin1      = "iso-8859-1"
	Latin9      = "iso-8859-15"
)

// Encodings lists them.
func Encodings() []string { return []string{UTF8, UTF16LE, UTF16BE, Windows1252, Latin1, Latin9} }

// decode gives a file's text in UTF-8, without a byte order mark. Bytes that are
// wrong in UTF-8 stay, for their row to be refused.
func decode(file io.Reader, name string) io.Reader {
	var enc encoding.Encoding
	switch name {
	case UTF16LE:
		enc = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case UTF16BE:
		enc = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case Windows1252:
		enc = charmap.Windows1252
	case Latin1:
		enc = charmap.ISO8859_1
	case Latin9:
		enc = charmap.ISO8859_15
	default:
		return &withoutBOM{in: file}
	}
	return transform.NewReader(file, enc.NewDecoder())
}

var bom = []byte("\xef\xbb\xbf")

// withoutBOM takes a byte order mark off the beginning of UTF-8.
type withoutBOM struct {
	in      io.Reader
	pending []byte
	begun   bool
}

func (r *withoutBOM) Read(p []byte) (int, error) {
	if !r.begun {
		r.begun = true
		head := make([]byte, len(bom))
		n, err := io.ReadFull(r.in, head)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF { //nolint:errorlint // ReadFull gives them bare
			return 0, err
		}
		if r.pending = head[:n]; bytes.Equal(r.pending, bom) {
			r.pending = nil
		}
	}
	if len(r.pending) > 0 {
		n := copy(p, r.pending)
		r.pending = r.pending[n:]
		return n, nil
	}
	return r.in.Read(p)
}

// detector finds out a file's encoding while it passes.
type detector struct {
	head     []byte // the first bytes
	rest     []byte // of a character that a part cut in two
	size     int64
	broken   bool // not UTF-8
	zeros    [2]int64
	controls int64 // 0x80 to 0x9f, which only Windows uses for letters
	euros    int64 // 0xa4: the euro sign of ISO-8859-15
}

const headBytes = 64 << 10

// Write looks at the next bytes.
func (d *detector) Write(p []byte) (int, error) {
	if room := headBytes - len(d.head); room > 0 {
		d.head = append(d.head, p[:min(room, len(p))]...)
	}
	for i, b := range p {
		switch {
		case b == 0:
			d.zeros[(d.size+int64(i))%2]++
		case b >= 0x80 && b <= 0x9f:
			d.controls++
		case b == 0xa4:
			d.euros++
		}
	}
	d.size += int64(len(p))
	if !d.broken {
		d.check(p)
	}
	return len(p), nil
}

// check looks whether the bytes are UTF-8, over the borders of parts.
func (d *detector) check(p []byte) {
	for len(d.rest) > 0 && len(p) > 0 && !utf8.FullRune(d.rest) {
		d.rest, p = append(d.rest, p[0]), p[1:]
	}
	if len(d.rest) > 0 && utf8.FullRune(d.rest) {
		d.broken = !utf8.Valid(d.rest)
		d.rest = d.rest[:0]
	}
	end := len(p)
	for back := 1; back <= utf8.UTFMax-1 && back <= len(p); back++ {
		if utf8.RuneStart(p[len(p)-back]) {
			if !utf8.FullRune(p[len(p)-back:]) {
				end = len(p) - back
			}
			break
		}
	}
	d.broken = d.broken || !utf8.Valid(p[:end])
	d.rest = append(d.rest, p[end:]...)
}

// encoding gives the encoding that the file most likely has, and whether it is text.
func (d *detector) encoding() (name string, text bool) {
	odd, even := d.zeros[1]*2, d.zeros[0]*2
	switch {
	case bytes.HasPrefix(d.head, []byte("\xff\xfe")):
		return UTF16LE, true
	case bytes.HasPrefix(d.head, []byte("\xfe\xff")):
		return UTF16BE, true
	case d.size%2 == 0 && odd > d.size*2/5 && even < d.size/20: // most letters are Latin, whose second byte is 0
		return UTF16LE, true
	case d.size%2 == 0 && even > d.size*2/5 && odd < d.size/20:
		return UTF16BE, true
	}
	text = !bytes.ContainsRune(d.head, 0)
	switch {
	case !d.broken && len(d.rest) == 0:
		return UTF8, text
	case d.controls == 0 && d.euros > 0:
		return Latin9, text
	}
	return Windows1252, text
}

// magics are the first bytes of files that people take for tables, or call so.
var magics = []struct{ begins, what string }{
	{"\x89PNG", "a picture"}, {"\xff\xd8\xff", "a picture"}, {"GIF8", "a picture"}, {"RIFF", "a picture or sound"}, {"BM\x00", "a picture"},
	{"PK\x03\x04", "an Excel workbook or an archive"}, {"\xd0\xcf\x11\xe0", "an old Excel workbook"}, {"%PDF-", "a PDF"},
	{"\x1f\x8b", "a compressed file"}, {"7z\xbc\xaf", "an archive"}, {"Rar!", "an archive"}, {"SQLite format 3", "a database"}, {"\x7fELF", "a program"},
}

// notATable says what a file is that is no table, or "".
func notATable(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.begins)) {
			return m.what
		}
	}
	return ""
}

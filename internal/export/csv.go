package export

import (
	"bufio"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// table writes records as RFC 4180 has it: all values in quotes, lines ended by
// CRLF. Line ends inside of a value stay as they are, which encoding/csv would not
// do: what the person wrote is not changed.
type table struct {
	out     *bufio.Writer
	columns []column
}

func newTable(w io.Writer, record reflect.Type) (*table, error) {
	t := &table{bufio.NewWriterSize(w, 16<<10), columnsOf(record)}
	for i, c := range t.columns {
		t.value(i, c.name)
	}
	_, err := t.out.WriteString("\r\n")
	return t, err
}

func (t *table) row(record any) error {
	v := reflect.ValueOf(record)
	for i, c := range t.columns {
		cell, err := c.of(v)
		if err != nil {
			return err
		}
		if cell.fromText {
			cell.text = guard(cell.text)
		}
		t.value(i, cell.text)
	}
	_, err := t.out.WriteString("\r\n")
	return err
}

// value writes one; the writer keeps an error for the line's end.
func (t *table) value(i int, text string) {
	if i > 0 {
		_ = t.out.WriteByte(',')
	}
	_ = t.out.WriteByte('"')
	_, _ = t.out.WriteString(strings.ReplaceAll(text, `"`, `""`))
	_ = t.out.WriteByte('"')
}

func (t *table) close() error { return t.out.Flush() }

// guard puts an apostrophe before text that a spreadsheet would run as a formula:
// what begins with = + - @, their full-width forms, a tab or a line end (OWASP,
// "CSV Injection"). Text that begins with an apostrophe gets one too. So nothing
// is lost: taking one apostrophe from every value that begins with one gives back
// exactly what is stored.
func guard(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n'", first) {
		return "'" + text
	}
	return text
}

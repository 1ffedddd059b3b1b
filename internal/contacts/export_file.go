package contacts

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

var exportColumns = []string{"id", "external_id", "email", "name", "first_name", "last_name", "phone", "locale", "timezone", "verified", "attributes", "created_at"}

// joinedColumns are told only where they are asked for.
var joinedColumns = []string{"tags", "company"}

// checkColumns refuses columns that do not exist, and all to people who may not see
// addresses: what is taken out is taken out whole.
func (e Export) checkColumns(a actor.Actor) error {
	seen := map[string]bool{}
	for _, c := range e.Columns {
		key, isAttribute := strings.CutPrefix(c, "attributes.")
		if seen[c] || !slices.Contains(exportColumns, c) && !slices.Contains(joinedColumns, c) && !(isAttribute && attributeKey.MatchString(key)) {
			return fault.Invalid("columns", "hold one that does not exist, or is there twice; known are attributes.KEY, "+strings.Join(slices.Concat(exportColumns, joinedColumns), ", "))
		}
		seen[c] = true
	}
	if !a.Can(seesAddresses) {
		return fault.Forbidden(seesAddresses)
	}
	return nil
}

// exportWriter writes an export in one of its formats.
type exportWriter struct {
	out     *bufio.Writer
	table   *csv.Writer // nil for JSON
	columns []string
	n       int
}

func newExportWriter(e Export, w io.Writer) *exportWriter {
	out := &exportWriter{out: bufio.NewWriterSize(w, 32<<10), columns: e.Columns}
	if len(out.columns) == 0 {
		out.columns = exportColumns
	}
	if e.Format == FormatCSV {
		out.table = csv.NewWriter(out.out)
		out.table.UseCRLF = true
	}
	return out
}

// head writes what the export says of itself, who took it out, when and why: a
// comment line before the table, or the object's header.
func (w *exportWriter) head(h ExportHeader) error {
	if w.table != nil {
		by := strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, strings.TrimSpace(h.ExportedBy.Name+" "+h.ExportedBy.ID))
		_, err := fmt.Fprintf(w.out, "# %s Purpose: %s, version %d. Reason: %s. Exported at %s by %s.\r\n", h.Statement, h.Purpose, h.PurposeVersion, h.Reason,
			h.ExportedAt.Format(time.RFC3339), by)
		if err != nil {
			return err
		}
		return w.table.Write(w.columns)
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, `{"header":%s,"data":[`, raw)
	return err
}

func (w *exportWriter) person(p ExportPerson) error {
	w.n++
	if w.table == nil {
		return w.object(p)
	}
	row := make([]string, len(w.columns))
	for i, c := range w.columns {
		var err error
		if row[i], err = p.cell(c); err != nil {
			return err
		}
		row[i] = GuardFormula(row[i])
	}
	return w.table.Write(row)
}

// object writes a person with the columns that are wanted.
func (w *exportWriter) object(p ExportPerson) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if len(w.columns) < len(exportColumns) || slices.ContainsFunc(w.columns, func(c string) bool { return !slices.Contains(exportColumns, c) }) {
		var all map[string]json.RawMessage
		if err := json.Unmarshal(raw, &all); err != nil {
			return err
		}
		var attributes, some map[string]json.RawMessage
		_ = json.Unmarshal(all["attributes"], &attributes) // null has none
		some = map[string]json.RawMessage{}
		if all["tags"], err = json.Marshal(append([]string{}, p.tags...)); err != nil {
			return err
		}
		if all["company"], err = json.Marshal(p.company); err != nil {
			return err
		}
		for _, c := range w.columns {
			if key, is := strings.CutPrefix(c, "attributes."); !is {
				some[c] = all[c]
			} else if some[c] = attributes[key]; some[c] == nil {
				some[c] = json.RawMessage("null")
			}
		}
		if raw, err = json.Marshal(some); err != nil {
			return err
		}
	}
	if w.n > 1 {
		raw = append([]byte{','}, raw...)
	}
	_, err = w.out.Write(raw)
	return err
}

// cell gives what a table says of a person in one column.
func (p ExportPerson) cell(column string) (string, error) {
	switch column {
	case "verified":
		return strconv.FormatBool(p.Verified), nil
	case "created_at":
		return p.CreatedAt.Format(time.RFC3339), nil
	case "tags":
		return strings.Join(p.tags, "; "), nil
	case "company":
		return p.company, nil
	case "attributes":
		raw, err := json.Marshal(p.Attributes)
		return string(raw), err
	}
	if key, is := strings.CutPrefix(column, "attributes."); is {
		if text, isText := p.Attributes[key].(string); isText || p.Attributes[key] == nil {
			return text, nil
		}
		raw, err := json.Marshal(p.Attributes[key])
		return string(raw), err
	}
	return map[string]string{"id": p.ID, "external_id": p.ExternalID, "email": p.Email, "name": p.Name, "first_name": p.FirstName, "last_name": p.LastName,
		"phone": p.Phone, "locale": p.Locale, "timezone": p.Timezone}[column], nil
}

// end says how many there were, so that a file that broke off is known.
func (w *exportWriter) end() error {
	if w.table != nil {
		if w.table.Flush(); w.table.Error() != nil {
			return w.table.Error()
		}
	} else if _, err := fmt.Fprintf(w.out, `],"count":%d}`, w.n); err != nil {
		return err
	}
	return w.out.Flush()
}

// GuardFormula puts an apostrophe before a value that a spreadsheet would run as a
// formula (OWASP, CSV Injection).
func GuardFormula(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n'", first) {
		return "'" + s
	}
	return s
}

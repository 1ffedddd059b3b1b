package mail

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/storage"
)

// CrashAfterSending sends what is due and ends before anything is noted of it.
func (s *Service) CrashAfterSending(ctx context.Context) error {
	r, found, err := s.claim(ctx)
	if err != nil {
		return err
	}
	if !found {
		return errors.New("nothing is due")
	}
	if o := s.attempt(ctx, r); o.is != sentNow {
		return errors.New("not sent: " + o.code)
	}
	return nil
}

// Render writes a mail as the worker does.
func Render(m Message, ws Workspace) (Rendered, error) {
	return render(m.Template, content{Address: m.Address, Name: m.Name, Locale: m.Locale, Values: m.Values}, ws)
}

// Due is the query of the worker, for a look at its plan.
const Due = selectDue

// Sealed gives the bytes of every mail.
func Sealed(tx *storage.Tx) ([][]byte, error) {
	rows, err := scanAll(tx.Query(`SELECT ` + mailColumns + ` FROM mails`))
	var all [][]byte
	for _, r := range rows {
		all = append(all, r.sealed)
	}
	return all, err
}

// Queries are those that must not read a whole table.
var Queries = []struct {
	SQL  string
	Args []any
}{
	{selectPage, []any{"w", "m", 1}},
	{selectOfContact, []any{"w", "c"}},
	{`DELETE FROM mails WHERE operator_id = $1`, []any{"o"}},
	{deleteOld, []any{"w", 1, 1}},
	{selectLeased, []any{"w", "m", "l"}},
	{selectMail, []any{"w", "m"}},
	{selectKept, []any{1, 1}},
}

// MissingWords names what a language lacks.
func MissingWords() []string {
	var missing []string
	lacks := func(w *words, what string, keys ...string) {
		missing = append(missing, w.lang+" lacks "+what+" "+strings.Join(keys, " "))
	}
	for _, w := range languages() {
		for what, pair := range map[string][2]map[string]string{
			"label": {english.labels, w.labels}, "kind": {english.kinds, w.kinds}, "kind for operators": {english.kinds, w.kindsInside}, "field": {english.fields, w.fields},
		} {
			for key := range pair[0] {
				if pair[1][key] == "" {
					lacks(w, what, key)
				}
			}
		}
		for i, m := range w.months {
			if m == "" {
				lacks(w, "month", strconv.Itoa(i))
			}
		}
		for _, t := range templates {
			say, en := w.mails[t.name], english.mails[t.name]
			if say.subject == "" || say.title == "" || len(say.before) != len(en.before) || len(say.after) != len(en.after) || (say.button == "") != (en.button == "") {
				lacks(w, "a part of", t.name)
			}
			for _, v := range t.values {
				if _, ok := w.labels[v.name]; !ok && v.sort != link {
					lacks(w, "label", v.name)
				}
			}
		}
		if len(w.mails) != len(templates) {
			lacks(w, "or has too many templates")
		}
	}
	return missing
}

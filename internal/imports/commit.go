package imports

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// commit does what was planned and notes the place that was reached, in one transaction.
func (w *worker) commit(ctx context.Context, p *plan, some []*person) error {
	if err := w.at("before"); err != nil {
		return err
	}
	var next *record
	now := w.Clock.Now()
	tell := now.Sub(w.told) >= tellEvery
	err := w.DB.Write(ctx, func(tx *storage.Tx) error {
		tally := p.tally
		allowed, err := w.allowed(tx, p, &tally)
		if err != nil {
			return err
		}
		n, err := tx.Exec(holdRow, clock.Micros(now.Add(leaseFor)), w.r.workspaceID, w.r.id, w.node, w.r.state, w.r.row, w.r.cursor)
		if err != nil {
			return err
		}
		if n == 0 {
			return errLost
		}
		if err := w.do(tx, p, allowed, &tally); err != nil {
			return err
		}
		if next, err = w.progress(tx, some, tally, now); err != nil {
			return err
		}
		if tell {
			w.tell(tx, next, actor.From(ctx))
		}
		return w.at("inside")
	})
	if err != nil {
		return err
	}
	*w.r = *next
	if tell {
		w.told = now
	}
	return w.at("after")
}

// at breaks off where a test wants it.
func (w *worker) at(when string) error {
	if w.Batch == nil {
		return nil
	}
	return w.Batch(when)
}

// allowed leaves those whom the row may change now, in the transaction that does.
func (w *worker) allowed(tx *storage.Tx, p *plan, tally *ImportTally) ([]known, error) {
	may := w.Privacy.MayImport
	if w.r.state == StateChecking {
		may = w.Privacy.WouldImport
	}
	out := make([]known, 0, len(p.there))
	for _, k := range p.there {
		err := may(tx, privacy.Subject{WorkspaceID: w.r.workspaceID, ContactID: k.who.ID()}, k.basis.Purpose)
		e := fault.As(err)
		switch {
		case err == nil:
			out = append(out, k)
		case fault.Is(err, fault.KindNotFound), e != nil && (e.Code == "processing_restricted" || e.Code == "objected" || e.Code == "contact_in_bin"):
			tally.Withheld++
		default:
			return nil, err
		}
	}
	return out, nil
}

// do stores a batch; of a dry run it only counts.
func (w *worker) do(tx *storage.Tx, p *plan, allowed []known, tally *ImportTally) error {
	tally.Created += p.created
	if w.r.state == StateChecking {
		tally.Updated += int64(len(allowed))
		return nil
	}
	if err := w.Contacts.InsertMany(tx, p.fresh); err != nil {
		return err
	}
	if err := w.Privacy.InsertImported(tx, p.decided); err != nil {
		return err
	}
	tally.Consents += int64(len(p.decided))
	var edits []*contacts.Edit
	var updates []any
	for _, k := range allowed {
		recorded := 0
		for _, x := range k.consents {
			is, err := w.Privacy.RecordImported(tx, x)
			if err != nil {
				return err
			}
			if is {
				recorded++
			}
		}
		tally.Consents += int64(recorded)
		if k.edit == nil && recorded == 0 {
			tally.Unchanged++
			continue
		}
		tally.Updated++
		if k.edit == nil {
			continue
		}
		edits = append(edits, k.edit)
		former, err := json.Marshal(former{Before: k.edit.Before(), After: k.edit.After()})
		if err != nil {
			return err
		}
		updates = append(updates, w.r.workspaceID, w.r.id, k.who.ID(), k.who.Key().Seal(formerPlace(w.r.id), former), clock.Micros(w.Clock.Now()))
	}
	if err := w.Contacts.StoreEdits(tx, edits); err != nil {
		return err
	}
	_, err := storage.InsertRows(tx, insertUpdates, 5, updates, "")
	return err
}

// former is what an import replaced in somebody, and what it made of it.
type former struct {
	Before map[string]any `json:"before"`
	After  map[string]any `json:"after"`
}

// progress notes the place that was reached, the counts and the problems.
func (w *worker) progress(tx *storage.Tx, some []*person, tally ImportTally, now time.Time) (*record, error) {
	next := *w.r
	var troubled []*person
	for _, p := range some {
		switch {
		case p.failed():
			tally.Failed++
		case len(p.problems) > 0:
			tally.Warned++
		}
		if len(p.problems) > 0 && w.r.tally.Failed+w.r.tally.Warned+int64(len(troubled)) < maxProblems {
			troubled = append(troubled, p)
		}
	}
	tally.Rows = int64(len(some))
	next.tally.add(tally)
	next.row, next.reached, next.updated = some[len(some)-1].number, w.file.consumed, now
	if !now.After(w.r.updated) {
		next.updated = w.r.updated.Add(time.Microsecond)
	}
	if err := storeProblems(tx, &next, troubled); err != nil {
		return nil, err
	}
	saved, err := save(tx, &next, next.state)
	if err == nil && !saved {
		err = errLost
	}
	return &next, err
}

func (t *ImportTally) add(more ImportTally) {
	t.Rows += more.Rows
	t.Created += more.Created
	t.Updated += more.Updated
	t.Unchanged += more.Unchanged
	t.Withheld += more.Withheld
	t.Failed += more.Failed
	t.Warned += more.Warned
	t.Consents += more.Consents
}

// ended is the entry in the audit log of work that has ended.
func ended(r *record, action string) audit.Entry {
	count := func(n int64) string { return strconv.FormatInt(min(n, 999_999_999), 10) }
	t := r.tally
	if r.checked != nil && r.state == StateReady {
		t = *r.checked
	}
	details := map[string]string{"state": r.state, "rows": count(t.Rows), "created": count(t.Created), "updated": count(t.Updated), "failed": count(t.Failed),
		"withheld": count(t.Withheld), "consents": count(t.Consents)}
	return audit.Entry{WorkspaceID: r.workspaceID, ActorType: r.by.Type, ActorID: r.by.ID, Action: action, TargetType: "import", TargetID: r.id, Details: details}
}

// printable gives a cell as it is shown: without what is no letter.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}

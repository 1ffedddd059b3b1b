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
		tally.Companies = w.made
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
		if err := w.do(ctx, tx, p, allowed, &tally); err != nil {
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
	*w.r, w.made = *next, 0
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
func (w *worker) do(ctx context.Context, tx *storage.Tx, p *plan, allowed []known, tally *ImportTally) error {
	tally.Created += p.created
	if w.r.state == StateChecking {
		tally.Updated += int64(len(allowed))
		return nil
	}
	if err := w.Contacts.HoldCompanies(tx, w.r.workspaceID, p.companiesIn(allowed)); err != nil {
		return err
	}
	if err := w.Contacts.InsertMany(tx, p.fresh); err != nil {
		return err
	}
	if err := w.Privacy.InsertImported(tx, p.decided); err != nil {
		return err
	}
	tally.Consents += int64(len(p.decided))
	var edits []*contacts.Edit
	for _, k := range allowed {
		if k.edit != nil {
			edits = append(edits, k.edit)
		}
	}
	if err := w.Contacts.StoreEdits(tx, edits); err != nil {
		return err
	}
	var updates []any
	for _, k := range allowed {
		is, err := w.update(ctx, tx, k, tally)
		if err != nil {
			return err
		}
		if is != nil {
			updates = append(updates, w.r.workspaceID, w.r.id, k.who.ID(), is, clock.Micros(w.Clock.Now()))
		}
	}
	_, err := storage.InsertRows(tx, insertUpdates, 5, updates, "")
	return err
}

// update records what a row of somebody who is there says beside the profile, counts
// it, and gives the sealed former state; nil where nothing was replaced.
func (w *worker) update(ctx context.Context, tx *storage.Tx, k known, tally *ImportTally) (sealed []byte, err error) {
	recorded := int64(0)
	for _, x := range k.consents {
		is, err := w.Privacy.RecordImported(tx, x)
		if err != nil {
			return nil, err
		}
		if is {
			recorded++
		}
	}
	tally.Consents += recorded
	joined, err := w.Contacts.Join(ctx, tx, privacy.Subject{WorkspaceID: w.r.workspaceID, ContactID: k.who.ID()}, k.belongs)
	if err != nil {
		return nil, err
	}
	if k.edit == nil && recorded == 0 && joined.IsEmpty() {
		tally.Unchanged++
		return nil, nil
	}
	tally.Updated++
	if k.edit == nil && joined.IsEmpty() {
		return nil, nil
	}
	was := former{Joined: joined}
	if k.edit != nil {
		was.Before, was.After = k.edit.Before(), k.edit.After()
	}
	plain, err := json.Marshal(was)
	return k.who.Key().Seal(formerPlace(w.r.id), plain), err
}

// former is what an import replaced in somebody, and what it made of it.
type former struct {
	Before map[string]any  `json:"before"`
	After  map[string]any  `json:"after"`
	Joined contacts.Joined `json:"joined,omitzero"`
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
	t.Companies += more.Companies
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

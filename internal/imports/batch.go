package imports

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"slices"
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
	"github.com/botimum/botimum/internal/vault"
)

const (
	batchRows  = 128
	batchBytes = 1 << 20 // of cells: one large row is a batch of its own
	tellEvery  = time.Second
	tries      = 5 // of a batch, while others change the same people
)

// worker goes through an import's file.
type worker struct {
	*Service
	r    *record
	c    *converter
	ix   *vault.Index
	rows *reader
	file *parts
	seen map[uint64]bool // who came in earlier rows: beginnings of keyed hashes
	told time.Time
}

// worker opens the file behind the place that was reached.
func (s *Service) worker(ctx context.Context, r *record) (*worker, error) {
	w := &worker{Service: s, r: r, seen: map[uint64]bool{}}
	var err error
	if w.c, err = s.converter(ctx, r); err != nil {
		return nil, err
	}
	if w.ix, err = s.Vault.Index(ctx, r.workspaceID); err != nil {
		return nil, err
	}
	if w.rows, w.file, _, err = s.table(ctx, r); err != nil {
		return nil, err
	}
	for w.rows.number < r.row { // rows that were done before whatever stopped it
		one, err := w.rows.read()
		if err != nil {
			return nil, err
		}
		w.first(w.c.person(one))
	}
	return w, nil
}

// first tells whether a person has come in no earlier row, and remembers them; a row
// that is not the first says so.
func (w *worker) first(p *person) {
	if p.failed() {
		return
	}
	keys := map[string]string{w.c.settings.MatchBy: p.key, toExternal: matchValue(p.change, toExternal)}
	for field, value := range keys {
		if value != "" && w.seen[w.hash(field, value)] {
			p.say(w.column(field), "is in an earlier row already")
			return
		}
	}
	for field, value := range keys {
		if value != "" {
			w.seen[w.hash(field, value)] = true
		}
	}
}

func (w *worker) hash(field, value string) uint64 {
	return binary.BigEndian.Uint64(w.ix.Equal(field, value))
}

func (w *worker) column(target string) int {
	if i, has := w.c.at[target]; has {
		return i
	}
	return -1
}

// all does batch after batch.
func (w *worker) all(ctx context.Context) error {
	for {
		some, ended, err := w.read()
		if err != nil {
			return err
		}
		if len(some) > 0 {
			if err := w.batch(ctx, some); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// read reads the next rows.
func (w *worker) read() (some []*person, ended bool, err error) {
	for size := 0; len(some) < batchRows && size < batchBytes; {
		one, err := w.rows.read()
		if errors.Is(err, io.EOF) {
			return some, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		if one.number > MaxRows+int64(w.r.stored.Skip)+1 {
			return nil, false, errTooMany
		}
		for _, cell := range one.cells {
			size += len(cell)
		}
		p := w.c.person(one)
		w.first(p)
		some = append(some, p)
	}
	return some, false, nil
}

// batch decides about some rows and, unless it is a dry run, does it.
func (w *worker) batch(ctx context.Context, some []*person) error {
	said := make([]int, len(some))
	for i, p := range some {
		said[i] = len(p.problems)
	}
	for range tries {
		for i, p := range some {
			p.problems = p.problems[:said[i]]
		}
		err := w.try(ctx, some)
		if e := fault.As(err); e != nil && (e.Code == "changed_meanwhile" || e.Code == "external_id_taken") {
			continue
		}
		return err
	}
	return fault.Conflict("changed_meanwhile", "Others are changing the people of this import right now.")
}

// known is somebody of a batch who is there already.
type known struct {
	*person
	who      *contacts.Known
	edit     *contacts.Edit // nil: the profile says so already
	consents []privacy.Imported
}

// plan is what is to be done with a batch.
type plan struct {
	fresh   []*contacts.Draft
	decided []privacy.Imported // of the fresh
	created int64
	there   []known
	tally   ImportTally
}

func (w *worker) try(ctx context.Context, some []*person) error {
	p, newcomers, err := w.decide(ctx, some)
	if err != nil {
		return err
	}
	if w.r.state == StateChecking {
		p.created = int64(len(newcomers))
		return w.commit(ctx, p, some)
	}
	if err := w.prepare(ctx, p, newcomers); err != nil {
		return err
	}
	return w.commit(ctx, p, some)
}

// decide looks up who is there and says what becomes of each row.
func (w *worker) decide(ctx context.Context, some []*person) (*plan, []*person, error) {
	by := w.c.settings.MatchBy
	keys, external := make([]string, len(some)), make([]string, len(some))
	for i, p := range some {
		if !p.failed() {
			keys[i], external[i] = p.key, matchValue(p.change, toExternal)
		}
	}
	people, err := w.Contacts.Find(ctx, w.r.workspaceID, by, keys)
	if err != nil {
		return nil, nil, err
	}
	owners := people
	if _, mapped := w.c.at[toExternal]; mapped && by != toExternal {
		if owners, err = w.Contacts.Find(ctx, w.r.workspaceID, toExternal, external); err != nil {
			return nil, nil, err
		}
	}
	out := &plan{}
	var newcomers []*person
	var read []string
	for i, p := range some {
		who := people[i]
		if !p.failed() && external[i] != "" && by != toExternal && owners[i] != nil && (who == nil || owners[i].ID() != who.ID()) {
			p.say(w.column(toExternal), "belongs to another contact")
		}
		switch {
		case p.failed():
		case who == nil:
			newcomers = append(newcomers, p)
		default:
			read = append(read, who.ID())
			if err := w.meet(ctx, out, p, who); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(read) > 0 {
		w.Audit.Access(ctx, read, "import")
	}
	return out, newcomers, nil
}

// meet decides about a row of somebody who is there.
func (w *worker) meet(ctx context.Context, out *plan, p *person, who *contacts.Known) error {
	if w.c.settings.OnMatch == "skip" {
		out.tally.Unchanged++
		return nil
	}
	edit, err := w.Contacts.PrepareEdit(ctx, w.c.rules, who, p.change, &p.basis, w.c.settings.OnMatch == "fill")
	if e := fault.As(err); e != nil && e.Kind == fault.KindInvalid {
		for _, f := range e.Fields {
			p.say(w.column(f.Field), f.Detail)
		}
		return nil
	}
	if err != nil {
		return err
	}
	k := known{person: p, who: who, edit: edit}
	for _, d := range p.consents {
		sub := privacy.Subject{WorkspaceID: w.r.workspaceID, ContactID: who.ID()}
		k.consents = append(k.consents, w.Privacy.SealImported(who.Key(), sub, d.purpose, d.action, d.evidence, d.at, actor.From(ctx)))
	}
	if edit == nil && len(k.consents) == 0 {
		out.tally.Unchanged++
		return nil
	}
	out.there = append(out.there, k)
	return nil
}

// prepare makes the keys of those who are new, and seals what is said of them.
func (w *worker) prepare(ctx context.Context, out *plan, newcomers []*person) (err error) {
	many := make([]contacts.Newcomer, len(newcomers))
	for i, p := range newcomers {
		many[i] = contacts.Newcomer{Change: p.change, Basis: p.basis}
	}
	if out.fresh, err = w.Contacts.PrepareMany(ctx, w.r.workspaceID, w.r.id, w.c.rules, many); err != nil {
		return err
	}
	for i, p := range newcomers {
		for _, d := range p.consents {
			sub := privacy.Subject{WorkspaceID: w.r.workspaceID, ContactID: out.fresh[i].ID()}
			out.decided = append(out.decided, w.Privacy.SealImported(out.fresh[i].Key(), sub, d.purpose, d.action, d.evidence, d.at, actor.From(ctx)))
		}
	}
	out.created = int64(len(newcomers))
	slices.SortFunc(out.there, func(a, b known) int { return cmp.Compare(a.who.ID(), b.who.ID()) }) // all lock in one order
	return nil
}

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
		updates = append(updates, w.r.workspaceID, w.r.id, k.who.ID(), k.who.Key().Seal(formerPlace(w.r.id), former))
	}
	if err := w.Contacts.StoreEdits(tx, edits); err != nil {
		return err
	}
	_, err := storage.InsertRows(tx, insertUpdates, 4, updates, "")
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

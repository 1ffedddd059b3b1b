package segment

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/storage"
)

// Visible is the predicate over a contact c that leaves out who is in no segment:
// people who are restricted (GDPR article 18) or in the bin, and contacts who were
// merged into another.
const Visible = `c.deleted_at IS NULL AND c.restricted_at IS NULL AND c.merged_into IS NULL`

// Changed has the runs follow, when the transaction commits, what it changed of a
// contact: that they are there or no more, whether they are visible, and what they
// have of the attributes that are named. Whoever changes one of these must call it.
func Changed(tx *storage.Tx, workspaceID, contactID string, keys ...string) {
	tx.Defer(follower{}, change{workspaceID, contactID, keys})
}

type change struct {
	workspaceID, contactID string
	keys                   []string
}

// follower brings the runs up to date as the last thing before a commit: what one
// transaction says of a hundred people, or on SQLite a hundred transactions of one
// each, is written once.
type follower struct{}

// changes are the attributes that changed, by person.
type changes map[string]map[string]bool

// Flush implements [storage.Collector].
func (follower) Flush(tx *storage.Tx, items []any) error {
	by := map[string]changes{}
	for _, item := range items {
		c := item.(change)
		if by[c.workspaceID] == nil {
			by[c.workspaceID] = changes{}
		}
		keys := by[c.workspaceID][c.contactID]
		if keys == nil {
			keys = map[string]bool{}
			by[c.workspaceID][c.contactID] = keys
		}
		for _, key := range c.keys {
			keys[key] = true
		}
	}
	for _, workspaceID := range slices.Sorted(maps.Keys(by)) {
		err := follow(tx, workspaceID, by[workspaceID])
		if errors.Is(err, errRun) { // nobody's change is refused for what is derived from it
			err = MakeAnew(tx, workspaceID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lockRuns makes commits wait for one another whose runs they would write.
func lockRuns(tx *storage.Tx, workspaceID string) error { return tx.Lock("runs " + workspaceID) }

func follow(tx *storage.Tx, workspaceID string, changed changes) error {
	if err := lockRuns(tx, workspaceID); err != nil {
		return err
	}
	cursor, making, err := makingOf(tx, workspaceID)
	if err != nil {
		return err
	}
	ids := slices.Sorted(maps.Keys(changed))
	if making { // the making comes to those behind the cursor itself
		n, _ := slices.BinarySearch(ids, cursor+"\x00")
		ids = ids[:n]
	}
	now, err := readNow(tx, workspaceID, ids, changed)
	if err != nil {
		return err
	}
	for len(ids) > 0 {
		r, next, err := loadRun(tx, workspaceID, ids[0])
		if err != nil {
			return err
		}
		n := len(ids)
		if next != "" {
			n, _ = slices.BinarySearch(ids, next)
		}
		if err := r.follow(tx, workspaceID, ids[:n], changed, now, next == ""); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// person is somebody as the rows have them.
type person struct {
	visible bool
	values  map[string][]value // by attribute
}

// readNow reads people as they are; who is gone is not among them.
func readNow(tx *storage.Tx, workspaceID string, ids []string, changed changes) (map[string]*person, error) {
	values := slices.ContainsFunc(ids, func(id string) bool { return len(changed[id]) > 0 })
	out := make(map[string]*person, len(ids))
	for from, to := range storage.Chunks(len(ids), 1) {
		args := []any{workspaceID}
		places := make([]string, to-from)
		for i, id := range ids[from:to] {
			args, places[i] = append(args, id), "$"+strconv.Itoa(i+2)
		}
		among := strings.Join(places, ",")
		if err := readPeople(tx, out, `SELECT c.id, `+isVisible+` FROM contacts c WHERE c.workspace_id = $1 AND c.id IN (`+among+`)`, args...); err != nil {
			return nil, err
		}
		if !values {
			continue
		}
		if err := readValues(tx, out, selectValues(tx.Engine())+ofPeople+among+`)`, args...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// follow brings a run up to date with some people who belong to it.
func (r *run) follow(tx *storage.Tx, workspaceID string, ids []string, changed changes, now map[string]*person, last bool) error {
	next, moved, keys := r.with(ids, changed, now)
	atEnd := last && !moved
	if moved || len(next) > maxRun {
		keys = nil // all: everybody's place may change
	}
	if err := r.loadColumns(tx, workspaceID, keys); err != nil {
		return err
	}
	if moved || len(next) != len(r.ids) {
		r.rearrange(next)
	}
	for _, id := range ids {
		i, here := r.place(id)
		if !here {
			continue // gone
		}
		r.visible.remove(i)
		if now[id].visible {
			r.visible.add(i)
		}
		for key := range changed[id] {
			r.set(i, key, now[id].values[key])
		}
	}
	for _, part := range r.split(atEnd) {
		if err := part.store(tx, workspaceID); err != nil {
			return err
		}
	}
	return nil
}

// with gives who is in the run then, whether somebody moves for that, and which
// attributes changed.
func (r *run) with(ids []string, changed changes, now map[string]*person) (next []string, moved bool, keys []string) {
	touched, gone := map[string]bool{}, map[string]bool{}
	next = slices.Clip(r.ids)
	for _, id := range ids {
		maps.Copy(touched, changed[id])
		_, here := r.place(id)
		switch is := now[id] != nil; {
		case here && !is:
			gone[id] = true
		case !here && is:
			next = append(next, id)
		}
	}
	if len(gone) > 0 {
		next = slices.DeleteFunc(slices.Clone(next), func(id string) bool { return gone[id] })
	}
	if !slices.IsSorted(next) {
		moved = true
		slices.Sort(next)
	}
	return next, moved || len(gone) > 0, slices.Sorted(maps.Keys(touched))
}

// set gives the person at a place the values that they have of an attribute.
func (r *run) set(i int, key string, values []value) {
	c := r.columns[key]
	if c == nil {
		if len(values) == 0 {
			return
		}
		c = newColumn(len(r.ids))
		r.columns[key] = c
	}
	c.clear(i)
	for _, v := range values {
		c.put(i, v)
	}
}

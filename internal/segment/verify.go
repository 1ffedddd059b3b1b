package segment

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/botimum/botimum/internal/storage"
)

// Verify tells where the runs of a workspace say something else than the rows from
// which they are derived. It reads everybody, and is for tests.
func Verify(tx *storage.Tx, workspaceID string) error {
	if _, making, err := makingOf(tx, workspaceID); making || err != nil {
		return err
	}
	rows := map[string]*person{}
	if err := readPeople(tx, rows, `SELECT c.id, `+isVisible+` FROM contacts c WHERE c.workspace_id = $1`, workspaceID); err != nil {
		return err
	}
	if err := readValues(tx, rows, selectValues(tx.Engine())+` WHERE workspace_id = $1`, workspaceID); err != nil {
		return err
	}
	firsts, err := scanIDs(tx.Query(`SELECT first_id FROM contact_runs WHERE workspace_id = $1 UNION SELECT first_id FROM contact_columns WHERE workspace_id = $1 ORDER BY first_id`, workspaceID))
	if err != nil {
		return err
	}
	for _, first := range firsts {
		r, next, err := loadRun(tx, workspaceID, first)
		if err != nil {
			return err
		}
		if r.first != first || !r.there || len(r.ids) == 0 || len(r.ids) > maxRun {
			return fmt.Errorf("segment: the run %q has %d people", first, len(r.ids))
		}
		if r.ids[0] < first || next != "" && r.ids[len(r.ids)-1] >= next || !slices.IsSorted(r.ids) {
			return fmt.Errorf("segment: the run %q has people of others", first)
		}
		if err := r.loadColumns(tx, workspaceID, nil); err != nil {
			return err
		}
		if err := r.verify(rows); err != nil {
			return err
		}
	}
	for id := range rows {
		return fmt.Errorf("segment: %s is in no run", id)
	}
	return nil
}

// verify compares the run's people with the rows, and takes them off.
func (r *run) verify(rows map[string]*person) error {
	for i, id := range r.ids {
		want := rows[id]
		if want == nil {
			return fmt.Errorf("segment: %s is in the run %q and not there", id, r.first)
		}
		if want.visible != r.visible.has(i) {
			return fmt.Errorf("segment: %s is visible: %v, but not in the run %q", id, want.visible, r.first)
		}
		for _, key := range slices.Sorted(maps.Keys(r.columns)) {
			if got := r.columns[key].of(i); !reflect.DeepEqual(got, asSet(want.values[key])) {
				return fmt.Errorf("segment: %s has other values of %s in the run %q", id, key, r.first)
			}
			delete(want.values, key)
		}
		if len(want.values) > 0 {
			return fmt.Errorf("segment: %s has values that are not in the run %q", id, r.first)
		}
		delete(rows, id)
	}
	return nil
}

// of gives what the person at a place has.
func (c *column) of(i int) map[value]bool {
	out := map[value]bool{}
	c.each(func(at int, code int32) {
		if at == i {
			out[c.values[code]] = true
		}
	})
	return out
}

func asSet(values []value) map[value]bool {
	out := map[value]bool{}
	for _, v := range values {
		out[v] = true
	}
	return out
}

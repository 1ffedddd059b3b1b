package segment

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/storage"
)

// runBits is the room that a run has in a set: whole words.
const runBits = maxRun

// window is some runs of a workspace that follow one another, and who of their people
// are asked for. A set of them has runBits for each.
type window struct {
	firsts  []string
	people  []int
	visible set
}

const (
	selectWindow = `SELECT first_id, people, visible FROM contact_runs WHERE workspace_id = $1 AND first_id >= $2 AND first_id < $3 ORDER BY first_id`
	selectColumn = `SELECT first_id, data FROM contact_columns WHERE workspace_id = $1 AND key = $2 AND first_id >= $3 AND first_id < $4 ORDER BY first_id`
	selectFirsts = `SELECT first_id FROM contact_runs WHERE workspace_id = $1 AND first_id < $2 ORDER BY first_id DESC LIMIT $3`
	selectPeople = `SELECT first_id, ids FROM contact_runs WHERE workspace_id = $1 AND first_id IN (`
)

// beyondIDs is larger than every id.
const beyondIDs = "\U0010FFFF"

// has tells whether a tree is answered by runs: it asks for nothing but attributes
// that are not sealed, and the workspace's runs are all there.
func hasRuns(tx *storage.Tx, p *Predicate) (bool, error) {
	if !p.tree.plain() {
		return false, nil
	}
	_, making, err := makingOf(tx, p.workspaceID())
	return !making, err
}

// countInRuns counts who is in a tree; false if the runs do not tell.
func countInRuns(tx *storage.Tx, p *Predicate) (int64, bool, error) {
	if ok, err := hasRuns(tx, p); err != nil || !ok {
		return 0, false, err
	}
	_, in, told, err := pick(tx, p, "", beyondIDs)
	return int64(in.count()), told, err
}

// membersInRuns gives who is in a tree, in falling order: those before an id, at most
// limit; false if the runs do not tell. The newest are looked at first, in ever wider
// windows.
func membersInRuns(tx *storage.Tx, p *Predicate, before string, limit int) ([]string, bool, error) {
	if ok, err := hasRuns(tx, p); err != nil || !ok {
		return nil, false, err
	}
	out := []string{}
	for to, width := before, 8; ; width *= 2 {
		firsts, err := scanIDs(tx.Query(selectFirsts, p.workspaceID(), to, width))
		if err != nil || len(firsts) == 0 {
			return out, err == nil, err
		}
		from := firsts[len(firsts)-1]
		w, in, told, err := pick(tx, p, from, to)
		if err != nil || !told {
			return nil, false, err
		}
		if out, err = w.newest(tx, p.workspaceID(), in, before, limit, out); err != nil || len(out) >= limit {
			return out, err == nil, err
		}
		to = from
	}
}

// pick evaluates a tree over the runs between two ids; false if what is kept of longer
// texts does not tell.
func pick(tx *storage.Tx, p *Predicate, from, to string) (window, set, bool, error) {
	w, err := readWindow(tx, p.workspaceID(), from, to)
	if err != nil {
		return w, nil, false, err
	}
	asked := map[string][]*Plain{}
	p.tree.leaves(func(c *Plain) { asked[c.Key] = append(asked[c.Key], c) })
	found := map[*Plain]set{}
	for key, conditions := range asked {
		for _, c := range conditions {
			found[c] = newSet(len(w.firsts) * runBits)
		}
		told, err := w.readColumn(tx, p.workspaceID(), key, from, to, conditions, found)
		if err != nil || !told {
			return w, nil, false, err
		}
	}
	in := p.tree.among(found)
	in.and(w.visible)
	return w, in, true, nil
}

func readWindow(tx *storage.Tx, workspaceID, from, to string) (w window, err error) {
	rows, err := tx.Query(selectWindow, workspaceID, from, to)
	if err != nil {
		return w, err
	}
	defer rows.Close()
	var visible sql.RawBytes
	for rows.Next() {
		var first string
		var people int
		if err := rows.Scan(&first, &people, &visible); err != nil {
			return w, err
		}
		if people > maxRun {
			return w, errRun
		}
		one := newSet(runBits)
		if !one.orBytes(visible) {
			return w, errRun
		}
		w.firsts, w.people, w.visible = append(w.firsts, first), append(w.people, people), append(w.visible, one...)
	}
	return w, rows.Err()
}

// readColumn adds to the sets of conditions on one attribute who meets them.
func (w *window) readColumn(tx *storage.Tx, workspaceID, key, from, to string, conditions []*Plain, found map[*Plain]set) (bool, error) {
	rows, err := tx.Query(selectColumn, workspaceID, key, from, to)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var first, data sql.RawBytes
	for at := 0; rows.Next(); at++ {
		if err := rows.Scan(&first, &data); err != nil {
			return false, err
		}
		for at < len(w.firsts) && w.firsts[at] != string(first) {
			at++ // nobody in that run has a value
		}
		if at == len(w.firsts) {
			return false, errRun
		}
		for _, c := range conditions {
			out := found[c][at*runBits/64 : (at+1)*runBits/64]
			if told, err := find(data, w.people[at], c, out); err != nil || !told {
				return false, err
			}
		}
	}
	return true, rows.Err()
}

// newest adds ids of a set, in falling order: those before an id, up to a limit.
func (w *window) newest(tx *storage.Tx, workspaceID string, in set, before string, limit int, out []string) ([]string, error) {
	var wanted []int // runs, falling
	for i, left := len(w.firsts)-1, limit-len(out)+maxRun; i >= 0 && left > 0; i-- {
		if n := w.of(in, i).count(); n > 0 {
			wanted, left = append(wanted, i), left-n // the first may have some from before on
		}
	}
	for from, to := range storage.Chunks(len(wanted), 1) {
		ids, err := readPeopleOf(tx, workspaceID, w, wanted[from:to])
		if err != nil {
			return nil, err
		}
		for _, i := range wanted[from:to] {
			those := w.of(in, i)
			for at := len(ids[i]) - 1; at >= 0; at-- {
				if !those.has(at) || ids[i][at] >= before {
					continue
				}
				if out = append(out, ids[i][at]); len(out) == limit {
					return out, nil
				}
			}
		}
	}
	return out, nil
}

func (w *window) of(in set, i int) set { return in[i*runBits/64 : (i+1)*runBits/64] }

// readPeopleOf gives the ids in some runs of a window.
func readPeopleOf(tx *storage.Tx, workspaceID string, w *window, runs []int) (map[int][]string, error) {
	args, places := []any{workspaceID}, make([]string, len(runs))
	for i, at := range runs {
		args, places[i] = append(args, w.firsts[at]), "$"+strconv.Itoa(i+2)
	}
	rows, err := tx.Query(selectPeople+strings.Join(places, ",")+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[int][]string, len(runs))
	for rows.Next() {
		var first string
		var data sql.RawBytes
		if err := rows.Scan(&first, &data); err != nil {
			return nil, err
		}
		at, there := slices.BinarySearch(w.firsts, first)
		if !there {
			return nil, errRun
		}
		if out[at], err = readIDs(data); err != nil || len(out[at]) != w.people[at] {
			return nil, errors.Join(errRun, err)
		}
	}
	return out, rows.Err()
}

// plain tells whether a tree asks for nothing but attributes that are not sealed.
func (t tree) plain() bool {
	if t.group == nil {
		return t.clause.Plain != nil
	}
	return !slices.ContainsFunc(t.group, func(sub tree) bool { return !sub.plain() })
}

// leaves tells each condition of a plain tree.
func (t tree) leaves(tell func(*Plain)) {
	if t.group == nil {
		tell(t.clause.Plain)
	}
	for _, sub := range t.group {
		sub.leaves(tell)
	}
}

// among gives the people in a plain tree, by those who meet each condition.
func (t tree) among(found map[*Plain]set) set {
	if t.group == nil {
		out := found[t.clause.Plain]
		if t.not {
			out.deny()
		}
		return out
	}
	out := t.group[0].among(found)
	for _, sub := range t.group[1:] {
		if t.all {
			out.and(sub.among(found))
		} else {
			out.or(sub.among(found))
		}
	}
	return out
}

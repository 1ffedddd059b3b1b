package segment

import (
	"bytes"
	"database/sql"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

const (
	defaultFrom = 20_000    // people; of fewer the database counts fast enough
	maxPeople   = 4_000_000 // of more there is no snapshot
	maxCatchUp  = 20_000    // events; further behind, a snapshot is made anew
	maxColumns  = 24        // of a snapshot
)

// snapshot is what the conditions on plain attributes need of a workspace's people,
// in memory. Before each use it is brought up to the moment of the reader's own
// transaction by the outbox: each change of what a contact is found by appends a
// contact's event in the same transaction. So it is exact, on each of several
// nodes; whoever is erased is gone from it at once.
type snapshot struct {
	mu       sync.Mutex
	sequence int64 // of the last event that it knows of
	made     bool
	width    int    // of an id
	ids      []byte // by position: first those from when it was made, in order
	sorted   int    // how many those are
	tail     map[string]int
	visible  set
	columns  map[string]*column
	used     []string // columns, the last used at the end

	bytes int

	touched time.Time // these two are the shelf's
	weight  int
}

func (p *snapshot) size() int {
	if p.width == 0 {
		return 0
	}
	return len(p.ids) / p.width
}

func (p *snapshot) at(i int) []byte { return p.ids[i*p.width : (i+1)*p.width] }

func (p *snapshot) id(i int) string { return string(p.at(i)) }

// position finds a person; -1 if they are not in it.
func (p *snapshot) position(id string) int {
	if i, ok := p.tail[id]; ok {
		return i
	}
	if len(id) != p.width {
		return -1
	}
	i := sort.Search(p.sorted, func(i int) bool { return string(p.ids[i*p.width:(i+1)*p.width]) >= id })
	if i < p.sorted && p.id(i) == id {
		return i
	}
	return -1
}

// ready brings the snapshot to the transaction's moment, with columns for all
// attributes that are asked about. False: it cannot serve, ask the database.
func (p *snapshot) ready(tx *storage.Tx, workspaceID, visible string, from int, keys []string) (bool, error) {
	last, err := live.Last(tx, workspaceID)
	if err != nil {
		return false, err
	}
	if p.made && last < p.sequence {
		return false, nil // the reader began before what the snapshot knows
	}
	if p.made && last > p.sequence {
		if p.made, err = p.catchUp(tx, workspaceID, visible, last); err != nil {
			p.made = false
			return false, err
		}
	}
	if !p.made {
		if ok, err := p.make(tx, workspaceID, visible, from, last); !ok || err != nil {
			return false, err
		}
	}
	for _, key := range keys {
		if err := p.load(tx, workspaceID, key); err != nil {
			delete(p.columns, key)
			return false, err
		}
		if p.columns[key].tooBig {
			return false, nil
		}
	}
	p.keep(keys)
	return true, nil
}

// make reads who can be in a segment. A small workspace needs no snapshot.
func (p *snapshot) make(tx *storage.Tx, workspaceID, visible string, from int, last int64) (bool, error) {
	p.sequence, p.width, p.ids, p.sorted = last, 0, nil, 0
	p.tail, p.columns, p.used, p.visible = map[string]int{}, map[string]*column{}, nil, nil
	those := fromVisible(tx.Engine()) + ` WHERE c.workspace_id = $1 AND ` + VisibleByIndex
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM `+those, workspaceID).Scan(&n); err != nil || n < from || n == 0 || n > maxPeople {
		return false, err
	}
	var all []byte
	if err := tx.QueryRow(`SELECT `+joined(tx.Engine(), "c.id")+` FROM (SELECT c.id FROM `+those+` ORDER BY c.id) c`, workspaceID).Scan(&all); err != nil {
		return false, err
	}
	if len(all)%n != 0 {
		return false, nil // ids are not all as long: none of ours
	}
	p.width, p.ids, p.sorted = len(all)/n, all, n
	p.visible = newSet(n)
	for i := range n {
		p.visible.add(i)
		if i > 0 && bytes.Compare(p.at(i-1), p.at(i)) >= 0 {
			return false, fmt.Errorf("segment: the ids of contacts come unsorted")
		}
	}
	p.made = true
	return true, p.hide(tx, workspaceID, visible)
}

// VisibleByIndex is what the index contacts_visible leaves out already.
const VisibleByIndex = `c.deleted_at IS NULL AND c.restricted_at IS NULL`

// hide takes out those whom the index has and who are in no segment: people who are
// part of somebody else.
func (p *snapshot) hide(tx *storage.Tx, workspaceID, visible string) error {
	if visible == VisibleByIndex {
		return nil
	}
	hidden, err := scanIDs(tx.Query(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.merged_into IS NOT NULL`, workspaceID))
	for _, id := range hidden {
		if i := p.position(id); i >= 0 {
			p.visible.remove(i)
		}
	}
	p.made = err == nil
	return err
}

// joined gives the aggregate that writes ids one after the other: one large value
// comes over several times faster than as many rows.
func joined(e storage.Engine, column string) string {
	if e == storage.SQLite {
		return `group_concat(` + column + `, '')`
	}
	return `string_agg(` + column + `, '')`
}

// fromVisible names the contacts. SQLite takes a whole row to be no wider than an
// index of ids, and would read a million sealed profiles; PostgreSQL knows better.
func fromVisible(e storage.Engine) string {
	if e == storage.SQLite {
		return `contacts c INDEXED BY contacts_visible`
	}
	return `contacts c`
}

// Who has each value, in the order of the index: a few large rows where an
// attribute sorts people into classes.
const (
	textsOf   = ` FROM (SELECT text_value, contact_id FROM contact_attributes WHERE workspace_id = $1 AND key = $2 AND text_value IS NOT NULL ORDER BY text_value, contact_id) x GROUP BY x.text_value`
	numbersOf = ` FROM (SELECT number_value, contact_id FROM contact_attributes WHERE workspace_id = $1 AND key = $2 AND number_value IS NOT NULL ORDER BY number_value, contact_id) x GROUP BY x.number_value`
)

// load reads an attribute of everybody.
func (p *snapshot) load(tx *storage.Tx, workspaceID, key string) error {
	if p.columns[key] != nil {
		return nil
	}
	c := newColumn()
	p.columns[key] = c
	ids := joined(tx.Engine(), "x.contact_id")
	var text sql.RawBytes
	err := p.classes(tx, `SELECT x.text_value, `+ids+textsOf, &text, workspaceID, key, func(i int) { c.putText(i, p.size(), string(text)) })
	if err != nil {
		return err
	}
	var number float64
	return p.classes(tx, `SELECT x.number_value, `+ids+numbersOf, &number, workspaceID, key, func(i int) { c.putNumber(i, p.size(), number) })
}

// classes reads rows of a value and who has it, and tells each person's position.
func (p *snapshot) classes(tx *storage.Tx, query string, value any, workspaceID, key string, tell func(i int)) error {
	rows, err := tx.Query(query, workspaceID, key)
	if err != nil {
		return err
	}
	defer rows.Close()
	var people sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(value, &people); err != nil {
			return err
		}
		at := 0
		for ; len(people) >= p.width; people = people[p.width:] {
			id := people[:p.width]
			if at = p.after(at, id); at < p.sorted && bytes.Equal(p.at(at), id) {
				tell(at)
			} else if i := p.position(string(id)); i >= 0 {
				tell(i)
			}
		}
	}
	return rows.Err()
}

// after gives the first position from one on whose id is not below another: close
// by, mostly.
func (p *snapshot) after(from int, id []byte) int {
	step, low := 1, from
	for from < p.sorted && bytes.Compare(p.at(from), id) < 0 {
		low, from = from+1, min(from+step, p.sorted)
		step *= 2
	}
	return low + sort.Search(from-low, func(i int) bool { return bytes.Compare(p.at(low+i), id) >= 0 })
}

// keep notes that columns were used, and forgets those that were not for long.
func (p *snapshot) keep(keys []string) {
	for _, key := range keys {
		p.used = append(slices.DeleteFunc(p.used, func(k string) bool { return k == key }), key)
	}
	for len(p.used) > maxColumns {
		delete(p.columns, p.used[0])
		p.used = p.used[1:]
	}
	p.bytes = 2*len(p.ids) + 64*len(p.tail)
	for _, c := range p.columns {
		p.bytes += c.size()
	}
}

const (
	selectChanged = `SELECT DISTINCT contact_id FROM events WHERE workspace_id = $1 AND sequence > $2 AND sequence <= $3 AND type LIKE 'contact.%' AND contact_id IS NOT NULL`
	countEvents   = `SELECT COUNT(*) FROM events WHERE workspace_id = $1 AND sequence > $2 AND sequence <= $3`
)

// catchUp reads anew whoever changed since. False: that is too far, or the outbox
// does not reach back that far any more.
func (p *snapshot) catchUp(tx *storage.Tx, workspaceID, visible string, last int64) (bool, error) {
	if last-p.sequence > maxCatchUp || len(p.tail) > 10_000+p.sorted/8 {
		return false, nil
	}
	var n int64
	if err := tx.QueryRow(countEvents, workspaceID, p.sequence, last).Scan(&n); err != nil || n != last-p.sequence {
		return false, err
	}
	changed, err := scanIDs(tx.Query(selectChanged, workspaceID, p.sequence, last))
	if err != nil {
		return false, err
	}
	for from, to := range storage.Chunks(len(changed), 1) {
		if ok, err := p.readAnew(tx, workspaceID, visible, changed[from:to]); !ok || err != nil {
			return false, err
		}
	}
	p.sequence = last
	return true, nil
}

// readAnew reads some people as they are now.
func (p *snapshot) readAnew(tx *storage.Tx, workspaceID, visible string, ids []string) (bool, error) {
	args, places := []any{workspaceID}, make([]string, len(ids))
	for i, id := range ids {
		args, places[i] = append(args, id), "$"+strconv.Itoa(i+2)
		if i := p.position(id); i >= 0 {
			p.visible.remove(i)
			for _, c := range p.columns {
				c.clear(i)
			}
		}
	}
	among := " IN (" + strings.Join(places, ",") + ")"
	present, err := scanIDs(tx.Query(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.id`+among+` AND `+visible, args...))
	if err != nil {
		return false, err
	}
	for _, id := range present {
		if len(id) != p.width {
			return false, nil
		}
		i := p.position(id)
		if i < 0 {
			i = p.size()
			p.ids = append(p.ids, id...)
			p.tail[id] = i
			p.visible = p.visible.grow(i + 1)
		}
		p.visible.add(i)
	}
	for key, c := range p.columns {
		if err := p.readValues(tx, c, key, args); err != nil {
			return false, err
		}
	}
	return true, nil
}

const selectValues = `SELECT contact_id, text_value, number_value FROM contact_attributes WHERE workspace_id = $1 AND key = $2 AND contact_id IN (`

// readValues reads what some people have of an attribute; args are the workspace
// and their ids.
func (p *snapshot) readValues(tx *storage.Tx, c *column, key string, args []any) error {
	ids := make([]string, len(args)-1)
	for i := range ids {
		ids[i] = "$" + strconv.Itoa(i+3)
	}
	rows, err := tx.Query(selectValues+strings.Join(ids, ",")+`)`, slices.Insert(slices.Clone(args), 1, any(key))...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var text sql.NullString
		var number sql.NullFloat64
		if err := rows.Scan(&id, &text, &number); err != nil {
			return err
		}
		i := p.position(id)
		if i < 0 {
			continue
		}
		if text.Valid {
			c.putText(i, p.size(), text.String)
		}
		if number.Valid {
			c.putNumber(i, p.size(), number.Float64)
		}
	}
	return rows.Err()
}

// find gives the people in a tree of which each condition is plain.
func (p *snapshot) find(t tree) set {
	out := p.among(t)
	out.and(p.visible)
	return out
}

func (p *snapshot) among(t tree) set {
	if t.group == nil {
		out := p.columns[t.clause.Plain.Key].find(t.clause.Plain, p.size())
		if t.not {
			out.deny()
		}
		return out
	}
	out := p.among(t.group[0])
	for _, sub := range t.group[1:] {
		if t.all {
			out.and(p.among(sub))
		} else {
			out.or(p.among(sub))
		}
	}
	return out
}

// newest gives the ids of people in a set, in falling order: those before an id, at
// most limit.
func (p *snapshot) newest(in set, before string, limit int) []string {
	var late []string
	for id, i := range p.tail {
		if in.has(i) && id < before {
			late = append(late, id)
		}
	}
	slices.Sort(late)
	at := sort.Search(p.sorted, func(i int) bool { return string(p.ids[i*p.width:(i+1)*p.width]) >= before })
	out := make([]string, 0, min(limit, 1000))
	for len(out) < limit {
		for at > 0 && !in.has(at-1) {
			at--
		}
		switch {
		case len(late) > 0 && (at == 0 || late[len(late)-1] > p.id(at-1)):
			out, late = append(out, late[len(late)-1]), late[:len(late)-1]
		case at > 0:
			at--
			out = append(out, p.id(at))
		default:
			return out
		}
	}
	return out
}

// plain gives the attributes that a tree asks about; false if it asks for more than
// attributes that are not sealed.
func (t tree) plain() (keys []string, ok bool) {
	if t.group == nil {
		if t.clause.Plain == nil {
			return nil, false
		}
		return []string{t.clause.Plain.Key}, true
	}
	for _, sub := range t.group {
		more, ok := sub.plain()
		if !ok {
			return nil, false
		}
		for _, key := range more {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys, len(keys) <= maxColumns
}

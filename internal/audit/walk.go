package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	pageOfEntries = 2048
	beforeAll     = -1 << 62 // a negative position cannot be ours
	farthestMove  = 64       // places that an entry is looked for around its own
	maxSuspects   = 64
	progressEvery = 500_000
)

// walk goes through one log from its first entry to its last.
type walk struct {
	v           *verification
	workspaceID string
	known       []point // checkpoints kept elsewhere

	tree      edge  // from the stored hashes, as far as they can be followed
	next      int64 // position that must come
	count     int64 // entries that are there
	points    int64 // checkpoints that were looked at
	good      int64 // size up to which a signed checkpoint fits
	torn      bool  // an entry is missing or out of place: roots cannot be compared
	rewritten bool  // a checkpoint did not fit
	shift     int64 // how far entries stand before the place they were written for
	odd       *moved
	suspects  []suspect
	reads     multiset
	forgotten int64 // below it a retention rule removed whom reads concern

	places          map[int64][]byte // of the page in hand, by position
	placesSeen      int64
	placesForgotten int64 // below it they were removed
	record          []byte
}

// moved is an entry that stands by places away from where it was written.
type moved struct {
	position int64
	id       string
	by       int64
}

// suspect is an entry that does not fit its own hash.
type suspect struct {
	read   storedRow
	stored tlog.Hash
}

func (k *walk) find(position int64, format string, args ...any) {
	k.v.find(k.workspaceID, position, format, args...)
}

// storedRow is all of an entry's row.
type storedRow struct {
	placedRow
	area   string
	hashes []byte
}

const selectStored = `
	SELECT position, id, actor_type, actor_id, area, action, target_type, target_id, details, occurred_at, hashes FROM audit_entries
	WHERE workspace_id = $1 AND position >= $2 ORDER BY position LIMIT $3`

func (k *walk) page(from int64) ([]storedRow, error) {
	rows, err := k.v.tx.Query(selectStored, k.workspaceID, from, pageOfEntries)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	page := make([]storedRow, 0, pageOfEntries)
	for rows.Next() {
		var r storedRow
		err := rows.Scan(&r.position, &r.id, &r.actorType, &r.actorID, &r.area, &r.action, &r.targetType, &r.targetID, &r.details,
			&r.occurredAt, &r.hashes)
		if err != nil {
			return nil, err
		}
		page = append(page, r)
	}
	return page, rows.Err()
}

// entries walks all entries, a page at a time, and meets the checkpoints on the way.
func (k *walk) entries() error {
	for from := int64(beforeAll); ; {
		page, err := k.page(from)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		from = page[len(page)-1].position + 1
		points, err := k.pagePoints(from)
		if err != nil {
			return err
		}
		if err := k.pagePlaces(page); err != nil {
			return err
		}
		for i := range page {
			points = k.entry(&page[i], points)
		}
		if err := k.begun(page); err != nil {
			return err
		}
	}
	k.settleMove(nil)
	k.settleSuspects()
	return nil
}

// entry looks at one row, then at the checkpoints of the size that it makes.
func (k *walk) entry(r *storedRow, points []signedPoint) []signedPoint {
	if r.position > k.next {
		k.find(k.next, "%s removed", entriesWere(k.next, r.position-1))
		k.torn = true
	}
	k.next = r.position + 1
	k.count++
	k.plain(r, k.leaf(r))
	for len(points) > 0 && points[0].size <= k.next {
		k.point(points[0])
		points = points[1:]
	}
	for _, p := range k.known {
		if p.Size == k.next {
			k.compare(p, "kept elsewhere")
		}
	}
	if k.count%progressEvery == 0 {
		fmt.Fprintf(k.v.w, "%s: %d entries so far\n", nameOf(k.workspaceID), k.count)
	}
	return points
}

func entriesWere(from, to int64) string {
	if from == to {
		return fmt.Sprintf("entry %d was", from)
	}
	return fmt.Sprintf("entries %d to %d were", from, to)
}

// plain checks what needs no hashes. The entry was written by places further on.
func (k *walk) plain(r *storedRow, by int64) {
	if r.area != areaOf(r.action) {
		k.find(r.position, "the area of entry %d (%s) was changed", r.position, shownID(r.id))
	}
	if r.action == refusedAction {
		k.find(r.position, "entry %d says that the end of the log before it was not signed by this installation", r.position)
	}
	k.place(r, by)
	if r.action == accessArea && r.position+by >= k.forgotten {
		for _, contactID := range r.access().Subjects {
			k.reads.add(k.v.sumKey, k.workspaceID, contactID, r.position+by)
		}
	}
}

// leaf compares a row with its own hash, and its hashes with the tree. It gives by
// how many places the entry is away from where it was written.
func (k *walk) leaf(r *storedRow) (by int64) {
	whole := len(r.hashes) == completes(r.position)*tlog.HashSize
	stored := splitHashes(r.hashes)
	if whole && k.leafAt(r, r.position) == stored[0] {
		k.displaced(r, 0)
	} else if by := k.movedBy(r); by != 0 {
		k.displaced(r, by)
		return by
	} else if whole {
		k.suspect(suspect{*r, stored[0]})
	} else {
		k.find(r.position, "the stored hashes of entry %d (%s) were changed", r.position, shownID(r.id))
		k.torn = true
	}
	if !k.torn {
		k.nodes(r, stored)
	}
	return 0
}

// leafAt gives the hash that a row would have at a position.
func (k *walk) leafAt(r *storedRow, position int64) tlog.Hash {
	k.record = r.row.record(k.record[:0], k.workspaceID, position)
	return tlog.RecordHash(k.record)
}

// nodes follows the tree from a leaf upwards. A node that does not fit is told and
// then taken as stored, so that one false leaf is told once.
func (k *walk) nodes(r *storedRow, stored []tlog.Hash) {
	node := stored[0]
	for level, want := range stored[1:] {
		last := len(k.tree.hashes) - 1
		if tlog.NodeHash(k.tree.hashes[last], node) != want {
			first := r.position + 1 - 1<<(level+1)
			k.find(first, "one of the entries %d to %d was rewritten together with its hash, or the hashes of entry %d were changed",
				first, r.position, r.position)
		}
		k.tree.hashes = k.tree.hashes[:last]
		node = want
	}
	k.tree.hashes = append(k.tree.hashes, node)
	k.tree.size++
}

// movedBy tells by how many places a row is away from where its content and leaf
// were written. 0 says that it was not written nearby.
func (k *walk) movedBy(r *storedRow) int64 {
	if len(r.hashes) < tlog.HashSize {
		return 0
	}
	stored := splitHashes(r.hashes[:tlog.HashSize])[0]
	if k.shift != 0 && k.leafAt(r, r.position+k.shift) == stored {
		return k.shift
	}
	for d := int64(1); d <= farthestMove; d++ {
		for _, by := range [...]int64{d, -d} {
			if k.leafAt(r, r.position+by) == stored {
				return by
			}
		}
	}
	return 0
}

// displaced takes note of how far a row stands from its place, and tells when that
// changes: for one row alone it was moved, for good something before it was
// removed or inserted.
func (k *walk) displaced(r *storedRow, by int64) {
	if by != 0 {
		k.torn = true
	}
	odd := k.odd
	switch {
	case odd == nil && by == k.shift:
		return
	case odd != nil && odd.by == by:
		k.settleMove(&by)
		return
	case odd != nil:
		k.tellMoved(odd)
		k.odd = nil
	}
	if by != k.shift {
		k.odd = &moved{r.position, r.id, by}
	}
}

// settleMove tells of the entry in doubt: now says how far the next one is away, nil
// that there is no next one.
func (k *walk) settleMove(now *int64) {
	odd := k.odd
	if odd == nil {
		return
	}
	k.odd = nil
	switch n := odd.by - k.shift; {
	case now == nil && n < 0, n == 0:
		k.tellMoved(odd)
		return
	case n > 0:
		k.find(odd.position, "%d entries before %s, which was written as entry %d and now stands at %d, were removed and the rest moved up",
			n, shownID(odd.id), odd.position+odd.by, odd.position)
	default:
		k.find(odd.position, "%d entries before %s, which was written as entry %d and now stands at %d, were inserted and the rest moved down",
			-n, shownID(odd.id), odd.position+odd.by, odd.position)
	}
	k.shift = odd.by
}

func (k *walk) tellMoved(odd *moved) {
	k.find(odd.position, "the order was changed: %s was written as entry %d and now stands at %d", shownID(odd.id), odd.position+odd.by, odd.position)
}

// suspect keeps a row that does not fit its hash until its like may have been seen.
func (k *walk) suspect(s suspect) {
	if len(k.suspects) == maxSuspects {
		k.tellChanged(s)
		return
	}
	k.suspects = append(k.suspects, s)
}

func (k *walk) tellChanged(s suspect) {
	k.find(s.read.position, "entry %d (%s) was changed", s.read.position, shownID(s.read.id))
}

// settleSuspects tells of rows that do not fit: those whose contents were exchanged,
// and those that were changed.
func (k *walk) settleSuspects() {
	told := make([]bool, len(k.suspects))
	for i, a := range k.suspects {
		for j := i + 1; j < len(k.suspects) && !told[i]; j++ {
			b := k.suspects[j]
			if !told[j] && k.leafAt(&a.read, b.read.position) == b.stored && k.leafAt(&b.read, a.read.position) == a.stored {
				told[i], told[j] = true, true
				k.find(a.read.position, "the order was changed: entries %d and %d were exchanged", a.read.position, b.read.position)
			}
		}
		if !told[i] {
			k.tellChanged(a)
		}
	}
}

// shownID gives an entry's id for a finding, if it still looks like one: whoever
// changed it may have written anything there.
func shownID(s string) string {
	if !isWord(s) {
		return "whose id was changed"
	}
	return s
}

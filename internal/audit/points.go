package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/botimum/botimum/internal/clock"
)

// signedPoint is a row of the checkpoints.
type signedPoint struct {
	size, createdAt int64
	note            string
}

const selectPoints = `
	SELECT size, note, created_at FROM audit_checkpoints WHERE workspace_id = $1 AND size > $2 AND size <= $3 ORDER BY size`

// pagePoints gives the checkpoints that belong to a page of entries: of sizes above
// that of the walked log, up to the page's last.
func (k *walk) pagePoints(upTo int64) ([]signedPoint, error) {
	above := k.next
	if k.count == 0 {
		above = -1 << 62 // no size below 1 is possible: those are told too
	}
	rows, err := k.v.tx.Query(selectPoints, k.workspaceID, above, upTo)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var points []signedPoint
	for rows.Next() {
		var p signedPoint
		if err := rows.Scan(&p.size, &p.note, &p.createdAt); err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return points, rows.Err()
}

// point checks a stored checkpoint.
func (k *walk) point(s signedPoint) {
	k.points++
	p, err := openPoint(s.note, k.v.verifier)
	if err != nil {
		k.find(-1, "the checkpoint of size %d is not signed by this installation", s.size)
		return
	}
	if p.WorkspaceID != k.workspaceID || p.Size != s.size || clock.Micros(p.At) != s.createdAt {
		k.find(-1, "the row of the checkpoint of size %d does not say what was signed", s.size)
		return
	}
	k.compare(p, "in the database")
}

// compare holds a signed checkpoint against the tree at its size.
func (k *walk) compare(p point, where string) {
	if k.torn || p.Size != k.tree.size {
		return // what is wrong has been told
	}
	if p.Root == k.tree.root() {
		k.good = p.Size
		return
	}
	if !k.rewritten {
		k.find(k.good, "one of the entries %d to %d was rewritten together with its hashes: the signed checkpoint of size %d %s does not fit",
			k.good, p.Size-1, p.Size, where)
	}
	k.rewritten = true
}

const selectTree = `SELECT count(*) FROM audit_trees WHERE workspace_id = $1 AND size > 0`

// begun checks, in the installation's log, that the logs that it says were begun are
// there.
func (k *walk) begun(page []storedRow) error {
	if k.workspaceID != "" {
		return nil
	}
	for i := range page {
		if page[i].action != startedAction {
			continue
		}
		var n int64
		if err := k.v.tx.QueryRow(selectTree, page[i].targetID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			k.find(page[i].position, "entry %d says that the log of %s was begun, and it is gone", page[i].position, shownID(page[i].targetID))
		}
	}
	return nil
}

// multiset is a sum of keyed hashes by which two collections are compared without
// holding either. Nobody can make collisions without the key, which is fresh for
// each verification.
type multiset struct {
	n   int64
	sum [4]uint64
}

func (m *multiset) add(key [16]byte, workspaceID, contactID string, position int64) {
	b := appendText(append(make([]byte, 0, 128), key[:]...), workspaceID)
	b = appendText(b, contactID)
	h := sha256.Sum256(binary.BigEndian.AppendUint64(b, uint64(position)))
	for i := range m.sum {
		m.sum[i] += binary.LittleEndian.Uint64(h[8*i:])
	}
	m.n++
}

// subjects compares the table of whom reads concern with the entries.
func (k *walk) subjects() error {
	var stored multiset
	err := k.eachSubject(func(contactID string, position int64) error {
		stored.add(k.v.sumKey, k.workspaceID, contactID, position)
		return nil
	})
	if err != nil || stored == k.reads {
		return err
	}
	before := k.v.told
	if err := k.superfluous(); err != nil {
		return err
	}
	if err := k.missing(); err != nil {
		return err
	}
	if k.v.told == before {
		k.find(-1, "the table of whom reads concern does not agree with the entries")
	}
	return nil
}

const (
	pageOfSubjects = 4096
	selectSubjects = `
		SELECT contact_id, position FROM access_subjects
		WHERE workspace_id = $1 AND (contact_id, position) > ($2, $3) ORDER BY contact_id, position LIMIT $4`
)

type subjectRow struct {
	contactID string
	position  int64
}

func (k *walk) eachSubject(visit func(contactID string, position int64) error) error {
	last := subjectRow{"", -1 << 62}
	for {
		page, err := k.subjectPage(last)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, s := range page {
			if s.position < k.forgotten {
				continue // a rule that is being applied, or that was interrupted
			}
			if err := visit(s.contactID, s.position); err != nil {
				return err
			}
		}
		last = page[len(page)-1]
	}
}

func (k *walk) subjectPage(after subjectRow) ([]subjectRow, error) {
	rows, err := k.v.tx.Query(selectSubjects, k.workspaceID, after.contactID, after.position, pageOfSubjects)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	page := make([]subjectRow, 0, pageOfSubjects)
	for rows.Next() {
		var s subjectRow
		if err := rows.Scan(&s.contactID, &s.position); err != nil {
			return nil, err
		}
		page = append(page, s)
	}
	return page, rows.Err()
}

var errEnough = errors.New("audit: enough has been found")

// superfluous tells of rows that no entry speaks of.
func (k *walk) superfluous() error {
	limit := k.v.told + maxFindings
	err := k.eachSubject(func(contactID string, position int64) error {
		rows, err := scanRows(k.v.tx.Query(selectEntry+`WHERE e.workspace_id = $1 AND e.position = $2`, k.workspaceID, position))
		if err != nil {
			return err
		}
		if len(rows) == 1 && rows[0].action == accessArea && contains(rows[0].access().Subjects, contactID) {
			return nil
		}
		k.find(position, "the table of whom reads concern says that entry %d was about %s, and the entry does not", position, shownID(contactID))
		if k.v.told >= limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

const (
	selectReads = selectEntry + `
		WHERE e.workspace_id = $1 AND e.area = 'access' AND e.position > $2 ORDER BY e.position LIMIT $3`
	selectSubject = `SELECT count(*) FROM access_subjects WHERE workspace_id = $1 AND contact_id = $2 AND position = $3`
)

// missing tells of people in entries that the table does not have.
func (k *walk) missing() error {
	limit := k.v.told + maxFindings
	for from := k.forgotten - 1; ; {
		page, err := scanRows(k.v.tx.Query(selectReads, k.workspaceID, from, pageOfEntries))
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			from = r.position
			for _, contactID := range r.access().Subjects {
				var n int64
				if err := k.v.tx.QueryRow(selectSubject, k.workspaceID, contactID, r.position).Scan(&n); err != nil {
					return err
				}
				if n == 0 {
					k.find(r.position, "entry %d was about %s, and the table of whom reads concern does not have it", r.position, shownID(contactID))
				}
				if k.v.told >= limit {
					return nil
				}
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

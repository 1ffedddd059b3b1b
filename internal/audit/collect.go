package audit

import (
	"bytes"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/botimum/botimum/internal/storage"
)

// firstStage hands entries on to the collector in a second round of the flush.
// So the head of a log is always held after whatever rows other collectors hold,
// in every transaction: two transactions never wait for each other.
type firstStage struct{ then *collector }

// Flush hands the items on.
func (s *firstStage) Flush(tx *storage.Tx, items []any) error {
	for _, item := range items {
		tx.Defer(s.then, item)
	}
	return nil
}

// collector gives entries their places and writes them, once per commit.
type collector struct{ l *Log }

// Flush writes the entries of a commit, each log's in the order of Append. Logs are
// taken in the order of their ids, the installation's last, so that writers that
// need several never wait for each other.
func (c *collector) Flush(tx *storage.Tx, items []any) error {
	byLog := map[string][]*pending{}
	for _, item := range items {
		p := item.(*pending)
		if p.refused != nil {
			return p.refused
		}
		byLog[p.workspaceID] = append(byLog[p.workspaceID], p)
	}
	logs := make([]string, 0, len(byLog))
	for workspaceID := range byLog {
		if workspaceID != "" {
			logs = append(logs, workspaceID)
		}
	}
	slices.Sort(logs)
	own := byLog[""]
	for _, workspaceID := range logs {
		started, err := c.append(tx, workspaceID, byLog[workspaceID])
		if err != nil {
			return err
		}
		if started {
			own = append(own, c.l.own("", startedAction, "workspace", workspaceID, nil))
		}
	}
	if len(own) > 0 {
		if _, err := c.append(tx, "", own); err != nil {
			return err
		}
	}
	n := int64(len(items))
	tx.OnCommit(func() {
		c.l.entries.Add(n)
		c.l.grown.Store(true)
	})
	return nil
}

const (
	startedAction = "audit.started"      // in the installation's log: a workspace's log begins
	refusedAction = "audit.head_refused" // the head was not signed by our key
)

// append writes entries at the end of one log. started says that they are its
// first.
func (c *collector) append(tx *storage.Tx, workspaceID string, entries []*pending) (started bool, err error) {
	h, err := holdHead(tx, workspaceID)
	if err != nil {
		return false, err
	}
	tree, sound, err := c.trust(tx, workspaceID, h)
	if err != nil {
		return false, err
	}
	if !sound {
		c.l.log.Error("audit: the end of a log is not signed by this installation's key; run botimum audit verify", "workspace", workspaceID)
		entries = slices.Insert(slices.Clone(entries), 0,
			c.l.own(workspaceID, refusedAction, "", "", map[string]string{"size": count(tree.size)}))
	}
	started = tree.size == 0
	if err := c.insert(tx, workspaceID, &tree, entries); err != nil {
		return false, err
	}
	next := head{size: tree.size, edge: tree.bytes(), signature: c.l.signer.head(workspaceID, &tree)}
	if _, err := tx.Exec(updateHead, next.size, next.edge, next.signature, workspaceID); err != nil {
		return false, err
	}
	c.l.heads.keep(workspaceID, next)
	return started, nil
}

const (
	entryColumns   = 12
	insertEntry    = `INSERT INTO audit_entries (workspace_id, position, id, actor_type, actor_id, area, action, target_type, target_id, details, occurred_at, hashes) VALUES `
	subjectColumns = 3
	insertSubject  = `INSERT INTO access_subjects (workspace_id, contact_id, position) VALUES `
	placeColumns   = 4
	insertPlace    = `INSERT INTO access_places (workspace_id, position, place_sealed, created_at) VALUES `
)

// insert adds the entries to the tree and their rows to the tables.
func (c *collector) insert(tx *storage.Tx, workspaceID string, tree *edge, entries []*pending) error {
	args := make([]any, 0, len(entries)*entryColumns)
	var subjects, places []any
	var record []byte
	var hashes []tlog.Hash
	for _, p := range entries {
		position := tree.size
		record = p.row.record(record[:0], workspaceID, position)
		hashes = tree.append(tlog.RecordHash(record), hashes)
		r := &p.row
		args = append(args, workspaceID, position, r.id, r.actorType, r.actorID, areaOf(r.action), r.action, r.targetType, r.targetID,
			r.details, r.occurredAt, joinHashes(hashes))
		for _, contactID := range p.subjects {
			subjects = append(subjects, workspaceID, contactID, position)
		}
		if p.place != nil {
			places = append(places, workspaceID, position, p.place, r.occurredAt)
		}
	}
	if _, err := storage.InsertRows(tx, insertEntry, entryColumns, args, ""); err != nil {
		return err
	}
	if _, err := storage.InsertRows(tx, insertSubject, subjectColumns, subjects, ""); err != nil {
		return err
	}
	_, err := storage.InsertRows(tx, insertPlace, placeColumns, places, "")
	return err
}

// head is the row that says where a log ends.
type head struct {
	size      int64
	edge      []byte
	signature []byte // empty in a row that was just made
}

// holdHeadQuery makes the row if need be and takes hold of it to the end of the
// transaction; on PostgreSQL it waits for whoever holds it.
const holdHeadQuery = `
	INSERT INTO audit_trees (workspace_id, size, edge, signature) VALUES ($1, 0, $2, $3)
	ON CONFLICT (workspace_id) DO UPDATE SET size = audit_trees.size
	RETURNING size, edge, signature`

const updateHead = `UPDATE audit_trees SET size = $1, edge = $2, signature = $3 WHERE workspace_id = $4`

func holdHead(tx *storage.Tx, workspaceID string) (h head, err error) {
	err = tx.QueryRow(holdHeadQuery, workspaceID, []byte{}, []byte{}).Scan(&h.size, &h.edge, &h.signature)
	return h, err
}

// trust gives the edge of a log whose head was read. A head that our key has not
// signed is not sound: then the edge is made from the entries that are there.
func (c *collector) trust(tx *storage.Tx, workspaceID string, h head) (tree edge, sound bool, err error) {
	if tree, err = readEdge(h.size, h.edge); err == nil && len(h.signature) > 0 {
		if c.l.heads.knows(workspaceID, h) || c.l.signer.isHead(workspaceID, &tree, h.signature) {
			return tree, true, nil
		}
	}
	tree, err = rebuildEdge(tx, workspaceID)
	isNew := len(h.signature) == 0 && h.size == 0 && tree.size == 0
	return tree, isNew, err
}

const (
	selectLast   = `SELECT coalesce(max(position), -1) FROM audit_entries WHERE workspace_id = $1`
	selectHashes = `SELECT hashes FROM audit_entries WHERE workspace_id = $1 AND position = $2`
)

// rebuildEdge makes the edge from the hashes in the entries' rows. What is missing
// there is taken as zero: verification says so.
func rebuildEdge(tx *storage.Tx, workspaceID string) (edge, error) {
	var last int64
	if err := tx.QueryRow(selectLast, workspaceID).Scan(&last); err != nil {
		return edge{}, err
	}
	tree := edge{size: last + 1}
	read := storedHashes(tx, workspaceID)
	for level, from := 62, int64(0); level >= 0; level-- {
		if tree.size&(1<<level) == 0 {
			continue
		}
		hashes, err := read([]int64{tlog.StoredHashIndex(level, from>>level)})
		if errors.Is(err, sql.ErrNoRows) || errors.Is(err, errHashes) {
			hashes = make([]tlog.Hash, 1)
		} else if err != nil {
			return edge{}, err
		}
		tree.hashes = append(tree.hashes, hashes[0])
		from += 1 << level
	}
	return tree, nil
}

var errHashes = errors.New("audit: the hashes in an entry's row are not as many as there must be")

// storedHashes reads the tree's hashes by tlog's index, from the entries' rows.
func storedHashes(tx *storage.Tx, workspaceID string) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			position, level := placed(index)
			var stored []byte
			if err := tx.QueryRow(selectHashes, workspaceID, position).Scan(&stored); err != nil {
				return nil, err
			}
			if len(stored) != completes(position)*tlog.HashSize {
				return nil, errHashes
			}
			copy(out[i][:], stored[level*tlog.HashSize:])
		}
		return out, nil
	}
}

// headCache remembers heads that this process has signed itself, so that it need
// not verify them again.
type headCache struct {
	mu    sync.Mutex
	heads map[string]head
}

const maxHeads = 4096 // about half a kilobyte each

func (c *headCache) knows(workspaceID string, h head) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.heads[workspaceID]
	return ok && known.size == h.size && bytes.Equal(known.edge, h.edge) && bytes.Equal(known.signature, h.signature)
}

func (c *headCache) keep(workspaceID string, h head) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heads == nil || len(c.heads) >= maxHeads {
		c.heads = map[string]head{}
	}
	c.heads[workspaceID] = h
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

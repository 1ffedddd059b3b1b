package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"

	"github.com/botimum/botimum/internal/storage"
)

// Finding is something that is not as it was written.
type Finding struct {
	WorkspaceID string // "" is the installation's log
	Position    int64  // of the entry; -1 if it is about none in particular
	What        string // a sentence, with ids and numbers only
}

func (f Finding) String() string { return nameOf(f.WorkspaceID) + ": " + f.What }

func nameOf(workspaceID string) string {
	if workspaceID == "" {
		return "installation"
	}
	return workspaceID
}

// Tampered is the error of a log that does not verify.
type Tampered struct {
	Findings []Finding // at most [maxFindings] of each log
	Total    int
}

// Error gives the first finding and how many there are.
func (t *Tampered) Error() string {
	return fmt.Sprintf("audit: the log was tampered with, %d findings, the first: %s", t.Total, t.Findings[0])
}

const maxFindings = 100 // of one log that are told; the rest is counted

// Verify recomputes every log of the database from its rows, in one snapshot, and
// compares it with the stored hashes, with the signed end of each log, with all
// signed checkpoints, and with the tables that say whom reads concern and from where they came. What it
// finds goes to w, a line each, with a line for each log; the error is a
// [*Tampered]. Memory stays small however long a log is.
//
// key is the installation's public key, as [VerifierKey] gives it. known are checkpoints that were kept elsewhere. They also show if the whole
// database was put back to an earlier state.
func Verify(ctx context.Context, db *storage.DB, key string, w io.Writer, known ...string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return fmt.Errorf("audit: the public key cannot be read: %w", err)
	}
	v := &verification{verifier: verifier, w: w, known: map[string][]point{}}
	for i, text := range known {
		p, err := openPoint(text, verifier)
		if err != nil {
			return fmt.Errorf("audit: checkpoint %d of those kept elsewhere is not one that this installation signed: %w", i+1, err)
		}
		v.known[p.WorkspaceID] = append(v.known[p.WorkspaceID], p)
	}
	if _, err := rand.Read(v.sumKey[:]); err != nil {
		return err
	}
	err = db.Read(ctx, func(tx *storage.Tx) error {
		v.tx = tx
		return v.all()
	})
	if err != nil {
		return err
	}
	if v.total > 0 {
		return &Tampered{Findings: v.findings, Total: v.total}
	}
	return nil
}

// verification is one run over all logs.
type verification struct {
	tx       *storage.Tx
	verifier note.Verifier
	w        io.Writer
	known    map[string][]point
	sumKey   [16]byte
	findings []Finding
	total    int
	told     int // of the log in hand
}

// find tells of something. The sentence must hold ids and numbers only.
func (v *verification) find(workspaceID string, position int64, format string, args ...any) {
	f := Finding{workspaceID, position, fmt.Sprintf(format, args...)}
	v.total++
	if v.told++; v.told > maxFindings {
		return
	}
	v.findings = append(v.findings, f)
	fmt.Fprintf(v.w, "  %s\n", f)
}

// selectNextLog finds the next log that any table knows of.
const selectNextLog = `
	SELECT min(id) FROM (
		SELECT min(workspace_id) AS id FROM audit_trees WHERE workspace_id > $1
		UNION ALL SELECT min(workspace_id) FROM audit_entries WHERE workspace_id > $2
		UNION ALL SELECT min(workspace_id) FROM audit_checkpoints WHERE workspace_id > $3
		UNION ALL SELECT min(workspace_id) FROM access_subjects WHERE workspace_id > $4
		UNION ALL SELECT min(workspace_id) FROM access_places WHERE workspace_id > $5) AS logs`

func (v *verification) all() error {
	for workspaceID, more := "", true; more; {
		if err := v.one(workspaceID); err != nil {
			return err
		}
		var next sql.NullString
		if err := v.tx.QueryRow(selectNextLog, workspaceID, workspaceID, workspaceID, workspaceID, workspaceID).Scan(&next); err != nil {
			return err
		}
		workspaceID, more = next.String, next.Valid
	}
	for workspaceID, points := range v.known {
		v.told = 0
		for _, p := range points {
			v.find(workspaceID, -1, "a checkpoint kept elsewhere says that there were %d entries; the log is gone", p.Size)
		}
	}
	return nil
}

// one verifies one log.
func (v *verification) one(workspaceID string) error {
	v.told = 0
	forgotten, err := forgottenUpTo(v.tx, workspaceID)
	if err != nil {
		return err
	}
	if forgotten <= 0 {
		forgotten = beforeAll
	}
	k := &walk{v: v, workspaceID: workspaceID, known: v.known[workspaceID], forgotten: forgotten}
	if k.placesForgotten, err = upTo(v.tx, workspaceID, placesForgotten); err != nil {
		return err
	}
	delete(v.known, workspaceID)
	if err := k.entries(); err != nil {
		return err
	}
	if err := k.end(); err != nil {
		return err
	}
	if err := k.subjects(); err != nil {
		return err
	}
	if err := k.strayPlaces(); err != nil {
		return err
	}
	state := "intact"
	if v.told > maxFindings {
		fmt.Fprintf(v.w, "  %s: and %d more\n", nameOf(workspaceID), v.told-maxFindings)
	}
	if v.told > 0 {
		state = fmt.Sprintf("%d FINDINGS", v.told)
	}
	fmt.Fprintf(v.w, "%s: %d entries, %d checkpoints, %d reads of people: %s\n", nameOf(workspaceID), k.count, k.points, k.reads.n, state)
	return nil
}

// end compares the walked log with what is said about its end.
func (k *walk) end() error {
	var h head
	err := k.v.tx.QueryRow(selectHead, k.workspaceID).Scan(&h.size, &h.edge, &h.signature)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if k.next > 0 {
			k.find(-1, "the row that says where the log ends was removed")
		}
	case err != nil:
		return err
	default:
		k.checkHead(h)
	}
	if err := k.laterPoints(); err != nil {
		return err
	}
	for _, p := range k.known {
		if p.Size > k.next {
			k.find(-1, "a checkpoint kept elsewhere says that there were %d entries; %d are left", p.Size, k.next)
		}
	}
	return k.announced()
}

func (k *walk) checkHead(h head) {
	if h.size > k.next {
		k.find(k.next, "the last %d entries, from %d on, were removed", h.size-k.next, k.next)
	}
	if h.size < k.next {
		k.find(h.size, "%d entries, from %d on, stand behind the log's end: they were inserted, or the end was moved", k.next-h.size, h.size)
	}
	tree, err := readEdge(h.size, h.edge)
	if err != nil || !k.v.verifier.Verify(headMessage(k.workspaceID, tree.size, tree.root()), h.signature) {
		k.find(-1, "the end of the log is not signed by this installation: any entry from %d on may be false", k.good)
		return
	}
	if !k.torn && h.size == k.next && tree.root() != k.tree.root() && !k.rewritten {
		k.find(-1, "an entry from %d on was rewritten together with its hashes: the signed end of the log does not fit", k.good)
	}
}

const selectLaterPoints = `SELECT count(*), coalesce(max(size), 0) FROM audit_checkpoints WHERE workspace_id = $1 AND size > $2`

// laterPoints looks for checkpoints of entries that are no longer there.
func (k *walk) laterPoints() error {
	var n, size int64
	if err := k.v.tx.QueryRow(selectLaterPoints, k.workspaceID, k.next).Scan(&n, &size); err != nil {
		return err
	}
	k.points += n
	if n > 0 {
		k.find(k.next, "%d checkpoints are of more entries than there are: the newest says %d, and %d are left", n, size, k.next)
	}
	return nil
}

const selectAnnounced = `
	SELECT count(*) FROM audit_entries WHERE workspace_id = '' AND target_id = $1 AND area <> 'access' AND action = 'audit.started'`

// announced tells whether the installation's log knows of this one.
func (k *walk) announced() error {
	if k.workspaceID == "" || k.next == 0 {
		return nil
	}
	var n int64
	err := k.v.tx.QueryRow(selectAnnounced, k.workspaceID).Scan(&n)
	if err == nil && n == 0 {
		k.find(-1, "the installation's log does not say that this log was begun")
	}
	return err
}

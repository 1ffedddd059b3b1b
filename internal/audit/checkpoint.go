package audit

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Checkpoint is a signed statement of a log's size and root. Whoever keeps one can
// prove later that nothing up to that size was changed.
type Checkpoint struct {
	Note string // the signed note: https://c2sp.org/tlog-checkpoint
	Size int64  // entries in the log
	Root tlog.Hash
	At   time.Time // when it was signed
}

// Checkpoint gives the checkpoint of a log at its present size, signing and keeping
// one if there is none yet. An empty log has one that is not kept.
func (l *Log) Checkpoint(ctx context.Context, workspaceID string) (Checkpoint, error) {
	c, _, err := l.checkpoint(ctx, workspaceID)
	return c, fault.Wrap("audit.Checkpoint", err)
}

// checkpoint is Checkpoint; made says that the checkpoint is new.
func (l *Log) checkpoint(ctx context.Context, workspaceID string) (c Checkpoint, made bool, err error) {
	var tree edge
	var stored string
	err = l.db.Read(ctx, func(tx *storage.Tx) (err error) {
		if tree, err = l.readHead(tx, workspaceID); err != nil {
			return err
		}
		stored, err = loadNote(tx, workspaceID, tree.size)
		return err
	})
	if err != nil {
		return c, false, err
	}
	now := l.clock.Now()
	if stored == "" {
		if stored, err = l.signer.checkpoint(point{WorkspaceID: workspaceID, Size: tree.size, Root: tree.root(), At: now}); err != nil {
			return c, false, err
		}
		if made = tree.size > 0; made {
			stored, err = l.keepNote(ctx, workspaceID, tree.size, stored, now)
		}
	}
	if err != nil {
		return c, false, err
	}
	p, err := openPoint(stored, l.signer.public)
	if err != nil || p.WorkspaceID != workspaceID || p.Size != tree.size || p.Root != tree.root() {
		return c, false, errors.Join(broken(), err)
	}
	return Checkpoint{Note: stored, Size: p.Size, Root: p.Root, At: p.At}, made, nil
}

func broken() error {
	return fault.Unavailable("audit_log_broken",
		"This audit log does not carry the installation's signature where it should, so it gets no checkpoint. Run botimum audit verify.")
}

const (
	selectHead = `SELECT size, edge, signature FROM audit_trees WHERE workspace_id = $1`
	selectNote = `SELECT note FROM audit_checkpoints WHERE workspace_id = $1 AND size = $2`
	insertNote = `
		INSERT INTO audit_checkpoints (workspace_id, size, note, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id, size) DO NOTHING`
)

// readHead gives the edge of a log, and an error if our key has not signed it: a
// checkpoint must not make an end good that is not.
func (l *Log) readHead(tx *storage.Tx, workspaceID string) (edge, error) {
	var h head
	err := tx.QueryRow(selectHead, workspaceID).Scan(&h.size, &h.edge, &h.signature)
	if errors.Is(err, sql.ErrNoRows) {
		return edge{}, nil
	}
	if err != nil {
		return edge{}, err
	}
	tree, err := readEdge(h.size, h.edge)
	if err != nil || !l.signer.isHead(workspaceID, &tree, h.signature) {
		return edge{}, broken()
	}
	return tree, nil
}

func loadNote(tx *storage.Tx, workspaceID string, size int64) (note string, err error) {
	err = tx.QueryRow(selectNote, workspaceID, size).Scan(&note)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return note, err
}

// keepNote stores a checkpoint, and gives the one that is stored: another node may
// have been first.
func (l *Log) keepNote(ctx context.Context, workspaceID string, size int64, note string, at time.Time) (stored string, err error) {
	err = l.db.Write(bare{ctx}, func(tx *storage.Tx) error {
		if _, err := tx.Exec(insertNote, workspaceID, size, note, clock.Micros(at)); err != nil {
			return err
		}
		stored, err = loadNote(tx, workspaceID, size)
		return err
	})
	return stored, err
}

// checkpoints makes the periodic ones until the context ends.
func (l *Log) checkpoints(ctx context.Context) {
	for pause(ctx, l.every) {
		l.checkpointGrown(ctx)
	}
}

const selectGrown = `
	SELECT t.workspace_id FROM audit_trees t LEFT JOIN audit_checkpoints c ON c.workspace_id = t.workspace_id AND c.size = t.size
	WHERE t.size > 0 AND c.size IS NULL`

// checkpointGrown makes checkpoints of the logs that have none at their present
// size, if any log has grown since it was last called.
func (l *Log) checkpointGrown(ctx context.Context) {
	if !l.grown.Swap(false) {
		return
	}
	var grown []string
	err := l.db.Read(ctx, func(tx *storage.Tx) (err error) {
		grown, err = scanTexts(tx.Query(selectGrown))
		return err
	})
	for _, workspaceID := range grown {
		c, made, oneErr := l.checkpoint(ctx, workspaceID)
		if oneErr != nil {
			err = errors.Join(err, fault.Wrap("workspace "+workspaceID, oneErr))
			continue
		}
		if made && l.witness != nil {
			l.witness(ctx, workspaceID, c.Note)
		}
	}
	if err != nil {
		l.grown.Store(true) // again next time
		if ctx.Err() == nil {
			l.log.Error("audit: a checkpoint could not be made", "error", err)
		}
	}
}

func scanTexts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Prove gives the proof that a log at a smaller size is the beginning of the same
// log at a larger one: tlog.CheckTree checks it against the roots of two
// checkpoints.
func (l *Log) Prove(ctx context.Context, workspaceID string, smaller, larger int64) (proof tlog.TreeProof, err error) {
	if smaller < 1 || larger < smaller {
		return nil, fault.Invalid("size", "must be at least 1, and the second not below the first")
	}
	err = l.db.Read(ctx, func(tx *storage.Tx) error {
		tree, err := l.readHead(tx, workspaceID)
		if err != nil {
			return err
		}
		if larger > tree.size {
			return fault.NotFound("size of this log")
		}
		proof, err = tlog.ProveTree(larger, smaller, storedHashes(tx, workspaceID))
		return err
	})
	return proof, fault.Wrap("audit.Prove", err)
}

package vault

import (
	"context"
	"iter"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// maxTombs is the most tombstones that are read or written at once.
const maxTombs = 256

// Tomb is a subject that was erased, and when.
type Tomb struct {
	Subject
	At int64 // microseconds since the epoch
}

const readTombs = `SELECT workspace_id, subject_id, erased_at FROM erased_subjects
	WHERE (workspace_id, subject_id) > ($1, $2) ORDER BY workspace_id, subject_id LIMIT 256`

// Tombs walks over all who were erased from the vault in a database. It needs no
// root key. It ends after the first error.
func Tombs(ctx context.Context, db *storage.DB) iter.Seq2[[]Tomb, error] {
	return func(yield func([]Tomb, error) bool) {
		// No subject has both ids empty, so this is before the first one.
		var last Subject
		for {
			page, err := tombsAfter(ctx, db, last)
			if err != nil {
				yield(nil, fault.Wrap("vault.Tombs", err))
				return
			}
			if len(page) == 0 || !yield(page, nil) || len(page) < maxTombs {
				return
			}
			last = page[len(page)-1].Subject
		}
	}
}

func tombsAfter(ctx context.Context, db *storage.DB, last Subject) ([]Tomb, error) {
	var page []Tomb
	err := db.Read(ctx, func(tx *storage.Tx) error {
		page = nil
		rows, err := tx.Query(readTombs, last.Workspace, last.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t Tomb
			if err := rows.Scan(&t.Workspace, &t.ID, &t.At); err != nil {
				return err
			}
			page = append(page, t)
		}
		return rows.Err()
	})
	return page, err
}

// CarryErasures erases in one vault whoever is erased in another, so that an
// older copy of a vault brings nobody's key back. Both are databases with the
// vault's schema; neither needs its root key. It gives how many tombs it went
// over.
func CarryErasures(ctx context.Context, from, into *storage.DB) (n int, err error) {
	for page, err := range Tombs(ctx, from) {
		if err != nil {
			return n, err
		}
		if err := into.Write(ctx, func(tx *storage.Tx) error { return buryAgain(tx, page) }); err != nil {
			return n, fault.Wrap("vault.CarryErasures", err)
		}
		n += len(page)
	}
	return n, nil
}

// buryAgain puts tombstones in place with the times at which they were first
// made. A vault without any root key has no keys to overwrite.
func buryAgain(tx *storage.Tx, page []Tomb) error {
	const (
		anyRoot = `SELECT coalesce(min(root_key_id), '') FROM root_keys`
		note    = `INSERT INTO erased_subjects (workspace_id, subject_id, erased_at) VALUES ($1, $2, $3) ON CONFLICT (workspace_id, subject_id) DO NOTHING`
	)
	var root string
	if err := tx.QueryRow(anyRoot).Scan(&root); err != nil {
		return err
	}
	for _, t := range page {
		if root != "" {
			if _, err := tx.Exec(buryKey, t.Workspace, t.ID, tombstone, root, t.At); err != nil {
				return err
			}
			if err := buryMembers(tx, t.Subject, t.At); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(note, t.Workspace, t.ID, t.At); err != nil {
			return err
		}
	}
	return nil
}

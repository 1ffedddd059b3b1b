package backup

import (
	"context"
	"fmt"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Purge removes every row about an erased subject: a contact (both ids), an
// operator (no workspace), or a whole workspace (no id). It runs inside the
// transaction and may run more than once.
type Purge func(ctx context.Context, tx *storage.Tx, s vault.Subject) error

// AfterRestore removes from restored data what is left of everybody whom the
// vault knows as erased, and gives how many they were. Both databases are at this
// release's schema; no root key is needed. It can be repeated.
func AfterRestore(ctx context.Context, data, keys *storage.DB, purge Purge) (removed int, err error) {
	for page, err := range vault.Tombs(ctx, keys) {
		if err != nil {
			return removed, fault.Wrap("backup.AfterRestore", err)
		}
		for _, tomb := range page {
			there := false
			err := data.Write(ctx, func(tx *storage.Tx) error {
				var err error
				if there, err = inData(tx, tomb.Subject); err != nil || !there {
					return err
				}
				return purge(ctx, tx, tomb.Subject)
			})
			if err != nil {
				return removed, fault.Wrap("backup.AfterRestore", fmt.Errorf("%s %s: %w", tomb.Workspace, tomb.ID, err))
			}
			if there {
				removed++
			}
		}
	}
	return removed, nil
}

const (
	countContact   = `SELECT count(*) FROM contacts WHERE workspace_id = $1 AND id = $2`
	countOperator  = `SELECT count(*) FROM operators WHERE id = $1`
	countWorkspace = `SELECT count(*) FROM workspaces WHERE id = $1`
)

// inData tells whether the data still knows the subject.
func inData(tx *storage.Tx, s vault.Subject) (bool, error) {
	row := tx.QueryRow
	var n int
	var err error
	switch {
	case s.Workspace == "":
		err = row(countOperator, s.ID).Scan(&n)
	case s.ID == "":
		err = row(countWorkspace, s.Workspace).Scan(&n)
	default:
		err = row(countContact, s.Workspace, s.ID).Scan(&n)
	}
	return n > 0, err
}

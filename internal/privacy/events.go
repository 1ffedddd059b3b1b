package privacy

import (
	"time"

	"github.com/botimum/botimum/internal/storage"
)

// WaitForReaders is for how long an event is kept beyond a shorter rule, where
// somebody who is told of events has not had it yet.
const WaitForReaders = 30 * 24 * time.Hour

// EventReader is who follows the outbox and must not miss an event.
type EventReader interface {
	// Needs gives the number of the first event that somebody has not had, 0 if none.
	Needs(tx *storage.Tx, workspaceID string) (int64, error)
	// PassOver notes that events up to a number go without having been told.
	PassOver(tx *storage.Tx, workspaceID string, through int64) error
}

// ReadBy has events wait for whoever reads them.
func (s *Service) ReadBy(r EventReader) { s.readers = r }

// needed gives the first event that a reader still needs, 0 if none.
func (g ground) needed(tx *storage.Tx, workspaceID string) (int64, error) {
	if g.s == nil || g.s.readers == nil {
		return 0, nil
	}
	return g.s.readers.Needs(tx, workspaceID)
}

// longest gives the rule as it is about events that wait for a reader.
func (g ground) longest(r Rule) Rule {
	if limit := g.s.clock.Now().Add(-WaitForReaders); limit.Before(r.Before) {
		r.Before = limit
	}
	return r
}

// retainEvents deletes the oldest events. What an endpoint has not had yet stays
// until it is [WaitForReaders] old; then it is noted that it was passed over.
func (g ground) retainEvents(tx *storage.Tx, r Rule) (int64, error) {
	last, err := lastOldEvent(tx, r)
	if err != nil || last == 0 {
		return 0, err
	}
	first, err := g.needed(tx, r.WorkspaceID)
	if err != nil {
		return 0, err
	}
	if first != 0 && last >= first {
		tooOld, err := lastOldEvent(tx, g.longest(r))
		if err != nil {
			return 0, err
		}
		if last = max(first-1, tooOld); last >= first {
			if err := g.s.readers.PassOver(tx, r.WorkspaceID, last); err != nil {
				return 0, err
			}
		}
	}
	return tx.Exec(deleteEvents, r.WorkspaceID, last)
}

// dueEvents counts what retainEvents would delete in all.
func (g ground) dueEvents(tx *storage.Tx, r Rule) (n int64, err error) {
	stays, err := firstEventFrom(tx, r)
	if err != nil {
		return 0, err
	}
	first, err := g.needed(tx, r.WorkspaceID)
	if err != nil {
		return 0, err
	}
	if first != 0 && stays > first {
		old, err := firstEventFrom(tx, g.longest(r))
		if err != nil {
			return 0, err
		}
		stays = max(first, min(stays, old))
	}
	err = tx.QueryRow(countEvents, r.WorkspaceID, stays).Scan(&n)
	return n, err
}

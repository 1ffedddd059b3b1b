package imports

import (
	"context"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	leaseFor  = 30 * time.Second // longer than a batch takes
	pollEvery = 2 * time.Second
	atOnce    = 2 // imports that this node works on, each of another workspace
)

// errLost says that another node has the import, or somebody changed what is to be
// done with it.
var errLost = errors.New("imports: the work on this import is another's")

// Start has imports worked on until Close.
func (s *Service) Start() {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.run(ctx) })
}

// Close stops the work after the batch under way, and waits.
func (s *Service) Close() error {
	if s.stop == nil {
		return nil
	}
	s.stop()
	s.done.Wait()
	err := s.DB.Write(context.Background(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE imports SET lease_until = 0 WHERE queued_at IS NOT NULL AND lease_owner = $1`, s.node)
		return err
	})
	if fault.Is(err, fault.KindUnavailable) {
		return nil // others wait until the lease ends
	}
	return fault.Wrap("imports.Close", err)
}

// wakeUp has the work looked for at once.
func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run looks for work when something happened on this node, and every two seconds for
// what happened on others.
func (s *Service) run(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		if err := s.hire(ctx); err != nil && ctx.Err() == nil {
			s.Logger.ErrorContext(ctx, "imports cannot be looked for; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-poll.C:
		}
	}
}

// hire gives each import that waits, up to two at once, somebody who works on it.
func (s *Service) hire(ctx context.Context) error {
	open, err := s.open0(ctx)
	if err != nil {
		return err
	}
	for _, at := range open {
		if !s.take(at.id) {
			continue
		}
		s.done.Go(func() {
			err := s.workOn(ctx, at)
			s.leave(at.id)
			if err != nil && ctx.Err() == nil {
				s.Logger.ErrorContext(ctx, "an import stopped and is tried again", "import", at.id, "error", err)
				return
			}
			s.wakeUp() // the next one of the workspace
		})
	}
	return nil
}

func (s *Service) take(importID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.working[importID] || len(s.working) >= atOnce {
		return false
	}
	s.working[importID] = true
	return true
}

func (s *Service) leave(importID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.working, importID)
}

// Work does all that waits, and returns when nothing does: for tests, and without Start.
func (s *Service) Work(ctx context.Context) error {
	for {
		open, err := s.open0(ctx)
		if err != nil || len(open) == 0 {
			return err
		}
		for _, at := range open {
			if err := s.workOn(ctx, at); err != nil {
				return err
			}
		}
	}
}

// place names an import.
type place struct{ workspaceID, id string }

// open0 gives the first of each workspace that waits.
func (s *Service) open0(ctx context.Context) (out []place, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectWork, clock.Micros(s.Clock.Now()), s.node)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var at place
			if err := rows.Scan(&at.workspaceID, &at.id); err != nil {
				return err
			}
			out = append(out, at)
		}
		return rows.Err()
	})
	return out, fault.Wrap("imports.open", err)
}

// workOn does what is to be done with an import, if nobody else does.
func (s *Service) workOn(ctx context.Context, at place) error {
	now, held := s.Clock.Now(), false
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(takeLease, s.node, clock.Micros(now.Add(leaseFor)), at.workspaceID, at.id, clock.Micros(now))
		held = n > 0
		return err
	})
	if err != nil || !held {
		return fault.Wrap("imports.work", err)
	}
	ctx = actor.With(ctx, actor.Actor{Type: actor.System, ID: "imports", WorkspaceID: at.workspaceID})
	r, err := s.load(ctx, at.id)
	if err != nil {
		return fault.Wrap("imports.work", err)
	}
	// what is done, whoever started the import does
	ctx = actor.With(ctx, actor.Actor{Type: r.by.Type, ID: r.by.ID, WorkspaceID: r.workspaceID})
	if r.state == StateUndoing {
		err = s.undo(ctx, r)
	} else {
		err = s.work(ctx, r)
	}
	if errors.Is(err, errLost) {
		return nil
	}
	return fault.Wrap("imports.work", err)
}

// work reads the file from the place that was reached: for a dry run, or to import.
func (s *Service) work(ctx context.Context, r *record) error {
	if err := s.beginWork(ctx, r); err != nil {
		return err
	}
	w, err := s.worker(ctx, r)
	if err == nil {
		err = w.all(ctx)
	}
	why := map[error]string{errTooBroken: "too_broken", errTooMany: "too_many_rows", errNoFile: "file_gone"}
	for failure, word := range why {
		if errors.Is(err, failure) {
			return s.endWork(ctx, r, StateFailed, word)
		}
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.endWork(ctx, r, StateFailed, "settings_broken")
	}
	if err != nil {
		return err
	}
	return s.endWork(ctx, r, StateDone, "")
}

var errTooMany = errors.New("imports: more than a million rows")

// beginWork notes that an import runs, or that a dry run begins: with no problems.
func (s *Service) beginWork(ctx context.Context, r *record) error {
	if r.state == StateRunning || r.state == StateChecking && r.row > 0 {
		return nil
	}
	was, now := r.state, s.Clock.Now()
	if r.state == StateQueued {
		r.state, r.started, r.checked = StateRunning, now, nil
	}
	r.updated = now
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if saved, err := save(tx, r, was); err != nil || !saved {
			return errors.Join(err, errLost)
		}
		if _, err := tx.Exec(deleteProblems, r.workspaceID, r.id); err != nil {
			return err
		}
		s.tell(tx, r, actor.From(ctx))
		return nil
	})
}

// endWork ends a dry run or an import.
func (s *Service) endWork(ctx context.Context, r *record, state, why string) error {
	was, now, action := r.state, s.Clock.Now(), "import.ended"
	r.updated, r.why = now, why
	if was == StateChecking {
		action = "import.check_ended"
		checked := r.tally
		r.state, r.queued, r.checked, r.tally = StateReady, time.Time{}, &checked, ImportTally{}
		r.reached, r.row = 0, 0
		r.keep(now)
	} else {
		r.end(state, now)
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if saved, err := save(tx, r, was); err != nil || !saved {
			return errors.Join(err, errLost)
		}
		s.tell(tx, r, actor.From(ctx))
		return s.Audit.Append(tx, ended(r, action))
	})
}

// Sweep destroys files whose time is over, and forgets what undoes imports that
// cannot be undone any more. Housekeeping calls it.
func (s *Service) Sweep(ctx context.Context) error {
	now := clock.Micros(s.Clock.Now())
	var files, undos []*record
	err := s.DB.Write(ctx, func(tx *storage.Tx) error { // as long as other answers are kept
		_, err := tx.Exec(`UPDATE imports SET request_key = NULL WHERE request_key IS NOT NULL AND created_at < $1`, now-(24*time.Hour).Microseconds())
		return err
	})
	if err != nil {
		return fault.Wrap("imports.Sweep", err)
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if files, err = scanAll(tx.Query(`SELECT `+columns+` FROM imports WHERE file_until <= $1 AND queued_at IS NULL ORDER BY file_until LIMIT 20`, now)); err != nil {
			return err
		}
		undos, err = scanAll(tx.Query(`SELECT `+columns+` FROM imports WHERE undo_until <= $1 AND queued_at IS NULL ORDER BY undo_until LIMIT 20`, now))
		return err
	})
	if err != nil {
		return fault.Wrap("imports.Sweep", err)
	}
	for _, r := range files {
		if r.state == StateUploading {
			err = s.discard(ctx, r)
		} else if err = s.destroyFile(ctx, r); err == nil && r.state == StateReady {
			err = s.expire(ctx, r)
		}
		if err != nil {
			return fault.Wrap("imports.Sweep", err)
		}
	}
	for _, r := range undos {
		err := s.DB.Write(ctx, func(tx *storage.Tx) error {
			if _, err := tx.Exec(forgetUpdates, nothing, r.workspaceID, r.id); err != nil {
				return err
			}
			if _, err := tx.Exec(deleteCompanyMade, r.workspaceID, r.id); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE imports SET undo_until = NULL WHERE workspace_id = $1 AND id = $2`, r.workspaceID, r.id)
			return err
		})
		if err != nil {
			return fault.Wrap("imports.Sweep", err)
		}
	}
	return nil
}

// expire ends an import that was never started.
func (s *Service) expire(ctx context.Context, r *record) error {
	now := clock.Micros(s.Clock.Now())
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE imports SET state = $1, ended_at = $2, updated_at = $2 WHERE workspace_id = $3 AND id = $4 AND state = $5`,
			StateCanceled, now, r.workspaceID, r.id, StateReady)
		return err
	})
}

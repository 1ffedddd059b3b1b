package segment

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	lookEvery = 15 * time.Second // for workspaces whose runs are not made yet
	runsAWalk = 4                // of a workspace, one a transaction, before a rest
	restAWalk = 20 * time.Millisecond
)

// Start has runs made that are not there yet, until Close: after an upgrade from a
// version without them, or when somebody asked for that by [MakeAnew].
func (s *Service) Start() {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.keepMaking(ctx) })
}

// Close stops what Start began and waits for it.
func (s *Service) Close() error {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
	return nil
}

// keepMaking rests between transactions, so that who writes meanwhile hardly notices.
func (s *Service) keepMaking(ctx context.Context) {
	wait := time.NewTimer(time.Second) // the start has more urgent things to do
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		more, err := s.MakeRuns(ctx)
		if err != nil && ctx.Err() == nil {
			s.Logger.ErrorContext(ctx, "what segments are counted by cannot be made; it is tried again", "error", err)
		}
		if wait.Reset(lookEvery); more && err == nil {
			wait.Reset(restAWalk)
		}
	}
}

const (
	selectMakings = `SELECT workspace_id FROM contact_runs_making ORDER BY workspace_id LIMIT 20`
	putMaking     = `INSERT INTO contact_runs_making (workspace_id, cursor) VALUES ($1, '') ON CONFLICT (workspace_id) DO UPDATE SET cursor = ''`
	moveMaking    = `UPDATE contact_runs_making SET cursor = $1 WHERE workspace_id = $2`
	endMaking     = `DELETE FROM contact_runs_making WHERE workspace_id = $1`
	deleteRuns    = `DELETE FROM contact_runs WHERE workspace_id = $1`
	deleteColumns = `DELETE FROM contact_columns WHERE workspace_id = $1`
	selectNext    = `SELECT c.id, ` + isVisible + ` FROM contacts c WHERE c.workspace_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3`
)

// MakeAnew has the runs of a workspace made anew, from the first. Until that is done
// the rows are counted.
func MakeAnew(tx *storage.Tx, workspaceID string) error {
	if err := lockRuns(tx, workspaceID); err != nil {
		return err
	}
	_, err := tx.Exec(putMaking, workspaceID)
	return err
}

// MakeRuns makes the next runs that are not there yet, and tells whether there are
// more. Several nodes may do it at once.
func (s *Service) MakeRuns(ctx context.Context) (more bool, err error) {
	for workspaceID := range s.broken.Range {
		if err := s.DB.Write(ctx, func(tx *storage.Tx) error { return MakeAnew(tx, workspaceID.(string)) }); err != nil {
			return false, fault.Wrap("segment.MakeRuns", err)
		}
		s.broken.Delete(workspaceID)
	}
	var open []string
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		open, err = scanIDs(tx.Query(selectMakings))
		return err
	})
	for _, workspaceID := range open {
		for range runsAWalk {
			if one := s.DB.Write(ctx, func(tx *storage.Tx) error { return makeRun(tx, workspaceID) }); one != nil {
				err = errors.Join(err, one)
				break
			}
		}
	}
	return len(open) > 0, fault.Wrap("segment.MakeRuns", err)
}

// makeRun makes the run behind the cursor, or ends the making where nobody is left.
// Who is added, changed or erased meanwhile waits for it.
func makeRun(tx *storage.Tx, workspaceID string) error {
	if err := lockRuns(tx, workspaceID); err != nil {
		return err
	}
	cursor, making, err := makingOf(tx, workspaceID)
	if err != nil || !making {
		return err
	}
	if cursor == "" { // what may be there is not to be relied on
		for _, query := range []string{deleteRuns, deleteColumns} {
			if _, err := tx.Exec(query, workspaceID); err != nil {
				return err
			}
		}
	}
	people := map[string]*person{}
	if err := readPeople(tx, people, selectNext, workspaceID, cursor, maxRun); err != nil {
		return err
	}
	if len(people) == 0 {
		_, err := tx.Exec(endMaking, workspaceID)
		return err
	}
	r := &run{columns: map[string]*column{}}
	r.rearrange(slices.Sorted(maps.Keys(people)))
	if cursor != "" {
		r.first = r.ids[0]
	}
	last := r.ids[len(r.ids)-1]
	if err := readValues(tx, people, selectValues(tx.Engine())+ofRange, workspaceID, cursor, last); err != nil {
		return err
	}
	for i, id := range r.ids {
		if people[id].visible {
			r.visible.add(i)
		}
		for key, values := range people[id].values {
			r.set(i, key, values)
		}
	}
	if err := r.store(tx, workspaceID); err != nil {
		return err
	}
	_, err = tx.Exec(moveMaking, last, workspaceID)
	return err
}

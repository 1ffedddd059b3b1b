package files

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/blob"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	pollEvery  = 10 * time.Second
	looseEvery = 10 * time.Minute
	sweepEvery = 24 * time.Hour
	leaseFor   = 5 * time.Minute // for the bytes of a batch, and until what failed is tried again
	atOnce     = 100
)

// Start has the service remove what is to go, until Close.
func (s *Service) Start() {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.run(ctx) })
}

// Close stops that, and waits for what is under way.
func (s *Service) Close() error {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
	return nil
}

// Wake has the service look for work now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) run(ctx context.Context) {
	poll, loose, sweep := time.NewTicker(pollEvery), time.NewTicker(looseEvery), time.NewTicker(sweepEvery)
	defer poll.Stop()
	defer loose.Stop()
	defer sweep.Stop()
	for {
		what, do := "remove files that are to go", s.Work
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-poll.C:
		case <-loose.C:
			what, do = "remove files that nobody attached", s.Expire
		case <-sweep.C:
			what, do = "look for bytes that no file has", s.Sweep
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.Logger.ErrorContext(ctx, "housekeeping failed", "chore", what, "error", err)
		}
	}
}

const claimRemovals = `
	UPDATE file_removals SET due_at = $1 WHERE (workspace_id, id) IN (SELECT workspace_id, id FROM file_removals WHERE due_at <= $2 ORDER BY due_at LIMIT $3)
	RETURNING workspace_id, id`

// Work removes the bytes of files that are gone. Of several nodes one takes a file; if
// that fails, it is tried again in five minutes.
func (s *Service) Work(ctx context.Context) error {
	for {
		var names []string
		now := s.Clock.Now()
		err := s.DB.Write(ctx, func(tx *storage.Tx) error {
			names = nil
			if err := tx.Lock("file removals"); err != nil {
				return err
			}
			rows, err := tx.Query(claimRemovals, clock.Micros(now.Add(leaseFor)), clock.Micros(now), atOnce)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var workspaceID, fileID string
				if err := rows.Scan(&workspaceID, &fileID); err != nil {
					return err
				}
				names = append(names, blobName(workspaceID, fileID))
			}
			return rows.Err()
		})
		if err != nil || len(names) == 0 {
			return fault.Wrap("files.Work", err)
		}
		if err := s.erase(ctx, names); err != nil {
			return fault.Wrap("files.Work", err)
		}
	}
}

// erase removes the bytes, and then what says that they are to go.
func (s *Service) erase(ctx context.Context, names []string) error {
	var gone []any
	var failed error
	for _, name := range names {
		if failed = s.Store.Delete(ctx, name); failed != nil {
			break
		}
		workspaceID, fileID, _ := strings.Cut(name, "/")
		gone = append(gone, workspaceID, fileID)
	}
	if len(gone) == 0 {
		return failed
	}
	pairs := make([]string, len(gone)/2)
	for i := range pairs {
		pairs[i] = "(" + marks(2*i+1, 2) + ")"
	}
	err := s.DB.Write(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		_, err := tx.Exec(`DELETE FROM file_removals WHERE (workspace_id, id) IN (VALUES `+strings.Join(pairs, ", ")+`)`, gone...)
		return err
	})
	if err != nil {
		return err
	}
	return failed
}

const loose = `loose_since IS NOT NULL AND loose_since <= $1`

// Expire removes files that were uploaded a day ago and attached to nothing.
func (s *Service) Expire(ctx context.Context) error {
	before := clock.Micros(s.Clock.Now().Add(-keepLoose))
	return fault.Wrap("files.Expire", s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := s.remove(tx, loose, before)
		return err
	}))
}

// Sweep removes bytes that no file has, a day after they were stored: of uploads that
// came to nothing as the server stopped, and what an older backup does not know. Of
// workspaces that are not here it leaves everything alone.
func (s *Service) Sweep(ctx context.Context) error {
	var some []string
	before := s.Clock.Now().Add(-keepLoose)
	look := func() error {
		lost, err := s.lost(ctx, some)
		some = nil
		for _, name := range lost {
			if err == nil {
				err = s.Store.Delete(ctx, name)
			}
		}
		return err
	}
	err := s.Store.List(ctx, func(e blob.Entry) error {
		if !e.At.Before(before) || strings.Count(e.Name, "/") != 1 {
			return nil
		}
		if some = append(some, e.Name); len(some) < atOnce {
			return nil
		}
		return look()
	})
	if err == nil {
		err = look()
	}
	return fault.Wrap("files.Sweep", err)
}

// lost gives those of some stored names that a workspace of ours has no file for.
func (s *Service) lost(ctx context.Context, names []string) (lost []string, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	ids := make([]any, len(names))
	var ours, known []string
	for i, name := range names {
		_, ids[i], _ = strings.Cut(name, "/")
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if ours, err = texts(tx, `SELECT id FROM workspaces`); err != nil {
			return err
		}
		known, err = texts(tx, `SELECT workspace_id || '/' || id FROM files WHERE workspace_id IN (SELECT id FROM workspaces) AND id IN (`+marks(1, len(ids))+`)`, ids...)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		workspaceID, _, _ := strings.Cut(name, "/")
		if slices.Contains(ours, workspaceID) && !slices.Contains(known, name) {
			lost = append(lost, name)
		}
	}
	return lost, nil
}

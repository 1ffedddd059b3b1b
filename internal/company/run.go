package company

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	batch     = 100              // people in one transaction
	leaseFor  = 30 * time.Second // longer than a batch takes
	pollEvery = 5 * time.Second
)

// Start has the service go on with passes, and with companies that go, until Close.
func (s *Service) Start() {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.run(ctx) })
}

// Close stops what Start began and waits for the batch under way.
func (s *Service) Close() error {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
	return nil
}

func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run looks for work when something changed on this node, and every five seconds for
// what changed on others. It rests between batches, so that who writes meanwhile
// hardly notices.
func (s *Service) run(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		more, err := s.Work(ctx, 1)
		if err != nil && ctx.Err() == nil {
			s.Logger.ErrorContext(ctx, "companies cannot be gone on with; it is tried again", "error", err)
		}
		if more && err == nil {
			rest := time.NewTimer(10 * time.Millisecond)
			select {
			case <-rest.C:
				continue
			case <-ctx.Done():
				rest.Stop()
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-poll.C:
		}
	}
}

const (
	selectOpen  = `SELECT workspace_id FROM company_settings WHERE ended_at IS NULL AND (lease_until < $1 OR lease_holder = $2) ORDER BY updated_at LIMIT 20`
	selectGoing = `SELECT workspace_id, id FROM companies WHERE removed_at IS NOT NULL AND removed_at < $1 ORDER BY removed_at LIMIT 20`
)

// Work goes on with what is under way, at most so many batches of each, and tells
// whether something is left. Several nodes share it.
func (s *Service) Work(ctx context.Context, batches int) (more bool, err error) {
	var open []string
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectOpen, clock.Micros(s.Clock.Now()), s.node)
		if err != nil {
			return err
		}
		open, err = scanWords(rows)
		return err
	})
	for _, workspaceID := range open {
		as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "companies", WorkspaceID: workspaceID})
		left := true
		for n := 0; n < batches && left && err == nil && ctx.Err() == nil; n++ {
			left, err = s.passSome(as, workspaceID)
		}
		more = more || left
	}
	if err != nil {
		return true, fault.Wrap("company.Work", err)
	}
	return more, fault.Wrap("company.Work", s.finishGoing(ctx))
}

func scanWords(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	var out []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

const (
	selectPass = `SELECT pass, cursor, updated_at FROM company_settings WHERE workspace_id = $1 AND ended_at IS NULL`
	leasePass  = `UPDATE company_settings SET lease_holder = $1, lease_until = $2
	WHERE workspace_id = $3 AND ended_at IS NULL AND updated_at = $4 AND cursor = $5 AND (lease_until < $6 OR lease_holder = $1)`
	movePass = `UPDATE company_settings SET cursor = $1, done = done + $2, changed = changed + $3 WHERE workspace_id = $4 AND updated_at = $5 AND cursor = $6`
	endPass  = `UPDATE company_settings SET ended_at = $1, total = done, lease_holder = '', lease_until = 0 WHERE workspace_id = $2 AND updated_at = $3`
)

// errNotOurs ends a batch that another node is at, or whose pass was ended.
var errNotOurs = errors.New("the pass is another's")

// passSome takes the next people of a workspace's pass, and tells whether more are left.
func (s *Service) passSome(ctx context.Context, workspaceID string) (more bool, err error) {
	var kind, cursor string
	var began int64
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(selectPass, workspaceID).Scan(&kind, &cursor, &began)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step := s.Contacts.Follow
	if kind == passUndo {
		step = s.Contacts.Unfollow
	}
	did, err := step(ctx, cursor, batch, func(tx *storage.Tx) error { // the setting stays as it is to the batch's end
		if err := tx.LockShared(settingsLock(workspaceID)); err != nil {
			return err
		}
		now := s.Clock.Now()
		n, err := tx.Exec(leasePass, s.node, clock.Micros(now.Add(leaseFor)), workspaceID, began, cursor, clock.Micros(now))
		if err == nil && n == 0 {
			err = errNotOurs
		}
		return err
	})
	if errors.Is(err, errNotOurs) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return did.Looked == batch, s.movePass(ctx, workspaceID, cursor, began, did)
}

// movePass notes how far a pass came. A batch whose note is lost in a crash is taken
// once more, which changes nothing.
func (s *Service) movePass(ctx context.Context, workspaceID, cursor string, began int64, did contacts.Step) error {
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if did.Looked > 0 {
			if _, err := tx.Exec(movePass, did.Last, did.Looked, did.Changed, workspaceID, began, cursor); err != nil {
				return err
			}
		}
		if did.Looked == batch {
			return nil
		}
		_, err := tx.Exec(endPass, clock.Micros(s.Clock.Now()), workspaceID, began)
		return err
	})
}

// grace is how long whoever removes a company has for it, before others go on.
const grace = time.Minute

// finishGoing goes on with companies whose removal was broken off.
func (s *Service) finishGoing(ctx context.Context) error {
	type going struct{ workspaceID, id string }
	var all []going
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		all = nil
		rows, err := tx.Query(selectGoing, clock.Micros(s.Clock.Now().Add(-grace)))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var g going
			if err := rows.Scan(&g.workspaceID, &g.id); err != nil {
				return err
			}
			all = append(all, g)
		}
		return rows.Err()
	})
	for _, g := range all {
		if err != nil || ctx.Err() != nil {
			break
		}
		as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "companies", WorkspaceID: g.workspaceID})
		err = s.empty(as, g.id)
	}
	return err
}

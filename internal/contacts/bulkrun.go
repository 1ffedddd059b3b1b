package contacts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const (
	bulkBatch = 32
	bulkHands = 16                    // people of a batch at once: their commits are shared, on SQLite by all, and so is the cleaning of the vault
	bulkLease = 20 * time.Second      // longer than a batch takes
	bulkRest  = 20 * time.Millisecond // between batches, for whoever else writes
)

const bulkColumns = `id, action, tag, state, total, outcomes, actor_type, actor_id, created_at, COALESCE(ended_at, 0)`

func scanBulk(row scanner) (BulkJob, error) {
	var j BulkJob
	var outcomes, actorType string
	var created, ended int64
	err := row.Scan(&j.ID, &j.Action, &j.Tag, &j.State, &j.Total, &outcomes, &actorType, &j.Actor.ID, &created, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return j, fault.NotFound("bulk job")
	}
	if err != nil {
		return j, err
	}
	if j.Actor.Type = actor.Type(actorType); j.Action == BulkAttribute {
		j.Tag, j.Attribute = "", j.Tag
	}
	j.CreatedAt, j.EndedAt = clock.FromMicros(created), pointer(clock.FromMicros(ended))
	err = json.Unmarshal([]byte(outcomes), &j.Outcomes)
	for _, n := range j.Outcomes {
		j.Done += n
	}
	return j, err
}

const (
	selectBulk  = `SELECT ` + bulkColumns + ` FROM bulk_jobs WHERE workspace_id = $1 AND id = $2`
	selectBulks = `SELECT ` + bulkColumns + ` FROM bulk_jobs WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`
)

// BulkJob gives one job with how far it is.
func (s *Service) BulkJob(ctx context.Context, jobID string) (job BulkJob, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		job, err = scanBulk(tx.QueryRow(selectBulk, actor.From(ctx).WorkspaceID, jobID))
		return err
	})
	return job, fault.Wrap("contacts.BulkJob", err)
}

// BulkJobs gives jobs, newest first: those before an id, at most limit.
func (s *Service) BulkJobs(ctx context.Context, before string, limit int) ([]BulkJob, error) {
	if before == "" {
		before = "~"
	}
	out := []BulkJob{}
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		out = []BulkJob{}
		rows, err := tx.Query(selectBulks, actor.From(ctx).WorkspaceID, before, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			j, err := scanBulk(rows)
			if err != nil {
				return err
			}
			out = append(out, j)
		}
		return rows.Err()
	})
	return out, fault.Wrap("contacts.BulkJobs", err)
}

const (
	endBulk     = `UPDATE bulk_jobs SET state = $1, ended_at = $2, lease_holder = '', lease_until = 0, value_sealed = NULL WHERE workspace_id = $3 AND id = $4 AND state = 'running'`
	dropItems   = `DELETE FROM bulk_items WHERE workspace_id = $1 AND job_id = $2`
	nextItems   = `SELECT contact_id FROM bulk_items WHERE workspace_id = $1 AND job_id = $2 ORDER BY contact_id LIMIT $3`
	leaseBulk   = `UPDATE bulk_jobs SET lease_holder = $1, lease_until = $2 WHERE workspace_id = $3 AND id = $4 AND state = 'running' AND (lease_until < $5 OR lease_holder = $1)`
	noteBulk    = `UPDATE bulk_jobs SET outcomes = $1 WHERE workspace_id = $2 AND id = $3 AND state = 'running' AND lease_holder = $4`
	selectValue = `SELECT value_sealed FROM bulk_jobs WHERE workspace_id = $1 AND id = $2`
	selectOpen  = `SELECT workspace_id, id FROM bulk_jobs WHERE state = 'running' AND (lease_until < $1 OR lease_holder = $2) ORDER BY created_at LIMIT 20`
)

func bulkLock(jobID string) string { return "bulk job " + jobID }

// CancelBulk stops a job: nobody's turn comes after the batch under way. What was
// done stays done. One that has ended is left as it is.
func (s *Service) CancelBulk(ctx context.Context, jobID string) (BulkJob, error) {
	a := actor.From(ctx)
	var job BulkJob
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock(bulkLock(jobID)); err != nil {
			return err
		}
		var err error
		if job, err = scanBulk(tx.QueryRow(selectBulk, a.WorkspaceID, jobID)); err != nil || job.State != BulkRunning {
			return err
		}
		now := s.clock.Now()
		if err := s.end(tx, a.WorkspaceID, job, BulkCancelled); err != nil {
			return err
		}
		job.State, job.EndedAt = BulkCancelled, &now
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.bulk_cancelled",
			TargetType: "bulk_job", TargetID: jobID})
	})
	return job, fault.Wrap("contacts.CancelBulk", err)
}

// RunBulk goes on with the jobs that are running, at most so many batches of each,
// and tells whether some are left. Several nodes share the jobs.
func (s *Service) RunBulk(ctx context.Context, batches int) (more bool, err error) {
	type open struct{ workspaceID, id string }
	var jobs []open
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		jobs = nil
		rows, err := tx.Query(selectOpen, clock.Micros(s.clock.Now()), s.node)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o open
			if err := rows.Scan(&o.workspaceID, &o.id); err != nil {
				return err
			}
			jobs = append(jobs, o)
		}
		return rows.Err()
	})
	if err != nil {
		return false, fault.Wrap("contacts.RunBulk", err)
	}
	for _, j := range jobs {
		left := true
		for n := 0; n < batches && left && ctx.Err() == nil; n++ {
			if left, err = s.bulkSome(ctx, j.workspaceID, j.id); err != nil {
				return true, fault.Wrap("contacts.RunBulk", err)
			}
		}
		more = more || left
	}
	return more, nil
}

// bulkSome acts on the next people of a job, and tells whether more are left. What
// was done before a crash but not noted is done once more, which changes nothing.
func (s *Service) bulkSome(ctx context.Context, workspaceID, jobID string) (more bool, err error) {
	var job BulkJob
	var people []string
	var sealed []byte
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		people = nil
		now := s.clock.Now()
		n, err := tx.Exec(leaseBulk, s.node, clock.Micros(now.Add(bulkLease)), workspaceID, jobID, clock.Micros(now))
		if err != nil || n == 0 {
			return err // ended, or another node is at it
		}
		if job, err = scanBulk(tx.QueryRow(selectBulk, workspaceID, jobID)); err != nil {
			return err
		}
		rows, err := tx.Query(nextItems, workspaceID, jobID, bulkBatch)
		if err != nil {
			return err
		}
		people, err = scanIDs(rows)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return s.end(tx, workspaceID, job, BulkDone)
		}
		return tx.QueryRow(selectValue, workspaceID, jobID).Scan(&sealed)
	})
	if err != nil || len(people) == 0 {
		return false, err
	}
	if may, err := s.mayGoOn(ctx, workspaceID, job); err != nil || !may {
		return false, err
	}
	value, err := s.openBulk(ctx, workspaceID, jobID, sealed)
	if err != nil {
		return false, err
	}
	as := actor.With(ctx, actor.Actor{Type: job.Actor.Type, ID: job.Actor.ID, WorkspaceID: workspaceID})
	came := s.bulkAll(as, job, value, people)
	if ctx.Err() != nil {
		return true, ctx.Err() // stopped: whoever comes next goes on
	}
	return true, s.noteBulk(ctx, workspaceID, jobID, people, came)
}

// bulkAll acts on the people of a batch, several at once, and counts what came of it.
func (s *Service) bulkAll(ctx context.Context, job BulkJob, value bulkValue, people []string) map[string]int64 {
	came := map[string]int64{}
	next := make(chan string)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range min(bulkHands, len(people)) {
		all.Go(func() {
			for contactID := range next {
				outcome, err := s.bulkOne(ctx, job, value, contactID)
				if err != nil {
					if ctx.Err() != nil {
						continue // stopped
					}
					s.log.ErrorContext(ctx, "a bulk job fails for one contact", "job", job.ID, "contact", contactID, "error", err)
					outcome = "failed"
				}
				mu.Lock()
				came[outcome]++
				mu.Unlock()
			}
		})
	}
	for _, contactID := range people {
		next <- contactID
	}
	close(next)
	all.Wait()
	return came
}

// noteBulk takes people whose turn it was from a job, and adds what came of it.
func (s *Service) noteBulk(ctx context.Context, workspaceID, jobID string, people []string, came map[string]int64) error {
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock(bulkLock(jobID)); err != nil {
			return err
		}
		job, err := scanBulk(tx.QueryRow(selectBulk, workspaceID, jobID))
		if err != nil {
			return err
		}
		for outcome, n := range came {
			job.Outcomes[outcome] += n
		}
		raw, err := json.Marshal(job.Outcomes)
		if err != nil {
			return err
		}
		n, err := tx.Exec(noteBulk, string(raw), workspaceID, jobID, s.node)
		if err == nil && n > 0 {
			s.tellBulk(tx, workspaceID, job, BulkRunning)
		}
		if err != nil || n == 0 {
			return err // cancelled, or another node took the job over and looks at them again
		}
		args := []any{workspaceID, jobID}
		places := make([]string, len(people))
		for i, p := range people {
			args = append(args, p)
			places[i] = fmt.Sprintf("$%d", i+3)
		}
		_, err = tx.Exec(`DELETE FROM bulk_items WHERE workspace_id = $1 AND job_id = $2 AND contact_id IN (`+strings.Join(places, ", ")+`)`, args...)
		return err
	})
}

func (s *Service) wakeBulk() {
	select {
	case s.bulk <- struct{}{}:
	default:
	}
}

// rest waits, and tells whether the context still runs.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// runBulk goes on with jobs until the context ends.
func (s *Service) runBulk(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for ctx.Err() == nil {
		more, err := s.RunBulk(ctx, 1)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "bulk jobs cannot go on; it is tried again", "error", err)
		}
		if more && err == nil && rest(ctx, bulkRest) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.bulk:
		case <-poll.C:
		}
	}
}

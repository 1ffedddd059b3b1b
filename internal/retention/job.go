package retention

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// job is a run on its way.
type job struct {
	workspaceID string
	run         Run
	rows        int // of the next batch
}

// errLost says that another node has the run, or has ended it.
var errLost = errors.New("retention: another node has this run")

// run applies the rules, one after the other, and ends the run.
func (s *Service) run(ctx context.Context, j *job) error {
	var rules []Rule
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rules, _, err = loadRules(tx, j.workspaceID)
		return err
	})
	for _, r := range rules {
		if err != nil {
			break
		}
		if r.Category == privacy.AgesContacts {
			err = s.people(ctx, j, r.key())
		} else {
			err = s.rows(ctx, j, r.key())
		}
	}
	if err == nil {
		err = s.end(ctx, j)
	}
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// rows applies one rule, batch by batch, until nothing is left or the rule is gone.
func (s *Service) rows(ctx context.Context, j *job, k key) error {
	for j.rows = firstRows; ; {
		var n int64
		var waited, took time.Duration
		asked := time.Now()
		err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
			began := time.Now()
			n, err = s.batch(ctx, tx, j, k)
			waited, took = began.Sub(asked), time.Since(began)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		j.pace(took)
		if s.Rest(ctx, waited, took); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// pace makes batches larger while they are quick, and smaller when they are not.
func (j *job) pace(took time.Duration) {
	switch {
	case took > batchAim:
		j.rows = max(8, j.rows/2)
	case took < batchAim/2:
		j.rows = min(mostRows, 2*j.rows)
	}
}

// batch removes a batch by the rule as it is now, and notes it with the run.
func (s *Service) batch(ctx context.Context, tx *storage.Tx, j *job, k key) (int64, error) {
	r, all, err := s.hold(tx, j, k)
	if err != nil || r.Days == 0 {
		return 0, err
	}
	order := s.order(j.workspaceID, r, j.run.StartedAt, all, false)
	order.Limit, order.Counts = j.rows, privacy.Counts{}
	n, err := s.Privacy.RetainAll(ctx, tx, order)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, note(tx, j, result(r, order.Before, order.Counts))
}

// hold renews the lease and gives the rule as it is now, with 0 days if it was taken
// back, among all that are in force.
func (s *Service) hold(tx *storage.Tx, j *job, k key) (r Rule, all []Rule, err error) {
	now := s.Clock.Now()
	held, err := tx.Exec(takeLease, s.node, clock.Micros(now.Add(leaseFor)), j.workspaceID, j.run.ID, clock.Micros(now))
	if err != nil {
		return r, nil, err
	}
	if held == 0 {
		return r, nil, errLost
	}
	return ruleOf(tx, j.workspaceID, k)
}

func ruleOf(tx *storage.Tx, workspaceID string, k key) (r Rule, all []Rule, err error) {
	all, _, err = loadRules(tx, workspaceID)
	if i := slices.IndexFunc(all, func(r Rule) bool { return r.key() == k }); i >= 0 {
		r = all[i]
	}
	return r, all, err
}

// note adds what a batch removed to the results of its run, whose row is held.
func note(tx *storage.Tx, j *job, more Result) error {
	run, err := scanRun(tx.QueryRow(selectRun, j.workspaceID, j.run.ID))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(run.Results, func(r Result) bool {
		return r.Category == more.Category && r.Purpose == more.Purpose && r.Version == more.Version
	})
	if i < 0 {
		run.Results = append(run.Results, more)
	} else {
		run.Results[i].Counts.Add(more.Counts)
	}
	text, err := json.Marshal(run.Results)
	if err != nil {
		return err
	}
	_, err = tx.Exec(saveResults, string(text), j.workspaceID, j.run.ID)
	return err
}

// people erases those whom a rule about contacts has come to, one by one.
func (s *Service) people(ctx context.Context, j *job, k key) error {
	for after := (Place{Since: -1 << 62}); ; {
		ids, last, err := s.idle(ctx, j, k, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, contactID := range ids {
			var waited time.Duration
			asked := time.Now()
			err := s.Privacy.EraseIf(ctx, contactID, func(tx *storage.Tx) (bool, error) {
				waited = time.Since(asked)
				return s.stillIdle(tx, j, k, contactID)
			})
			if fault.Is(err, fault.KindConflict) { // held since it was looked up
				continue
			}
			if err != nil {
				return err
			}
			if s.Rest(ctx, waited, (time.Since(asked)-waited)/8); ctx.Err() != nil { // most of it waits for commits
				return ctx.Err()
			}
		}
		after = last
	}
}

// idle looks up a page of people without taking the writer's time.
func (s *Service) idle(ctx context.Context, j *job, k key, after Place) (ids []string, last Place, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		r, all, err := ruleOf(tx, j.workspaceID, k)
		if ids = nil; err != nil || r.Days == 0 {
			return err
		}
		order := s.order(j.workspaceID, r, j.run.StartedAt, all, false)
		order.Limit = peopleOnce
		ids, last, err = s.People.After(tx, order, after)
		return err
	})
	return ids, last, err
}

// stillIdle decides, in the transaction of an erasure, whether it is to be, and
// notes it with the run.
func (s *Service) stillIdle(tx *storage.Tx, j *job, k key, contactID string) (bool, error) {
	r, all, err := s.hold(tx, j, k)
	if err != nil || r.Days == 0 {
		return false, err
	}
	order := s.order(j.workspaceID, r, j.run.StartedAt, all, false)
	if is, err := s.People.Still(tx, order, contactID); err != nil || !is {
		return false, err
	}
	return true, note(tx, j, result(r, order.Before, privacy.Counts{"contacts": 1}))
}

// end closes the run, with an entry in the audit log.
func (s *Service) end(ctx context.Context, j *job) error {
	now := s.Clock.Now()
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if _, _, err := s.hold(tx, j, key{}); err != nil {
			return err
		}
		if _, err := tx.Exec(endRun, clock.Micros(now), j.workspaceID, j.run.ID); err != nil {
			return err
		}
		run, err := scanRun(tx.QueryRow(selectRun, j.workspaceID, j.run.ID))
		if err != nil {
			return err
		}
		return s.Audit.Append(tx, audit.Entry{WorkspaceID: j.workspaceID, ActorType: run.By.Type, ActorID: run.By.ID, Action: "retention.ran",
			TargetType: "retention_run", TargetID: run.ID, Details: details(run.Results)})
	})
}

// details are the counts of a run in the words of the audit log.
func details(results []Result) map[string]string {
	sums := map[string]int64{}
	for _, r := range results {
		for what, n := range r.Counts {
			sums[word(what)] += n
		}
	}
	out := map[string]string{}
	for what, n := range sums {
		if len(out) < maxDetails {
			out[what] = strconv.FormatInt(min(n, 999_999_999), 10)
		}
	}
	return out
}

// word turns "contacts.last_seen_at" into a word of the audit log.
func word(what string) string {
	b := []byte(what)
	for i := range b {
		if b[i] == '.' {
			b[i] = '_'
		}
	}
	return string(b)
}

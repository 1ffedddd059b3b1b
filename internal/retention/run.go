package retention

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// The states of a run.
const (
	StateRunning = "running" // or waiting for its turn
	StateDone    = "done"
)

// Run is one application of the rules.
type Run struct {
	ID        string     `json:"id" example:"rtr_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	State     string     `json:"state" enum:"running,done"`
	By        actor.Ref  `json:"by" doc:"Who asked for it; the system when it was due."`
	StartedAt time.Time  `json:"started_at" doc:"Days are counted back from here."`
	EndedAt   *time.Time `json:"ended_at"`
	Results   []Result   `json:"results" doc:"What was removed, by which version of which rule."`
}

// Result is what one version of a rule removed.
type Result struct {
	Category string         `json:"category"`
	Purpose  string         `json:"purpose,omitempty"`
	Scope    string         `json:"scope,omitempty"`
	Days     int            `json:"days"`
	Version  int64          `json:"version" doc:"The rule's version; 0 of one that is only proposed."`
	Before   time.Time      `json:"before" doc:"What is older goes."`
	Counts   privacy.Counts `json:"counts" doc:"Rows by table, or by table and column where only a value goes."`
}

const (
	leaseFor   = time.Minute          // a node that is silent for so long has lost its run
	runEvery   = 24 * time.Hour       // at the latest
	lookEvery  = 30 * time.Second     // for what is due, and for what other nodes left
	peopleOnce = 50                   // idle people looked up at once
	firstRows  = 64                   // rows of the first batch
	mostRows   = 512                  // rows of a batch at most
	batchAim   = 4 * time.Millisecond // of the writer's time for one batch
	quietAfter = time.Millisecond     // a batch that began sooner found nobody writing
	quietTimes = 3                    // so often as long as a batch took, the writer is left alone then
	restTimes  = 40                   // as long as a batch took, the writer is left to others
	longestRes = 5 * time.Second
)

// rest leaves the writer to others after a batch that took so long: for long, if it
// had to wait for its turn.
func rest(ctx context.Context, waited, took time.Duration) {
	times := restTimes
	if waited < quietAfter {
		times = quietTimes
	}
	timer := time.NewTimer(min(time.Duration(times)*took, longestRes))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Runs gives the runs of the actor's workspace, newest first: those before an id
// (empty: from the newest), at most limit.
func (s *Service) Runs(ctx context.Context, before string, limit int) (runs []Run, err error) {
	if before == "" {
		before = id.RetentionRun + "_~"
	}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		runs, err = loadRuns(tx, actor.From(ctx).WorkspaceID, before, limit)
		return err
	})
	return runs, fault.Wrap("retention.Runs", err)
}

// Begin has the rules applied soon. If a run is on its way already, it gives that one.
func (s *Service) Begin(ctx context.Context) (run Run, err error) {
	a := actor.From(ctx)
	runID, now := s.IDs.New(id.RetentionRun), s.Clock.Now()
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("retention " + a.WorkspaceID); err != nil {
			return err
		}
		there, open, err := openRun(tx, a.WorkspaceID)
		if err != nil || open {
			run = there
			return err
		}
		run = Run{ID: runID, State: StateRunning, By: a.Ref(), StartedAt: now, Results: []Result{}}
		return beginRun(tx, a.WorkspaceID, runID, run.By, now)
	})
	if err == nil {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return run, fault.Wrap("retention.Begin", err)
}

// DryRun counts what rules would remove now, if nothing else happens: the ones
// given, or with nil those in force. It changes nothing.
func (s *Service) DryRun(ctx context.Context, rules []Rule) (started time.Time, results []Result, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	proposed := slices.Clone(rules)
	if rules != nil {
		if err := s.valid(ctx, proposed); err != nil {
			return started, nil, err
		}
	}
	started = s.Clock.Now()
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		inForce, _, err := loadRules(tx, workspaceID)
		if err != nil {
			return err
		}
		if rules == nil {
			proposed = inForce
		}
		inOrder(proposed)
		results = []Result{}
		for _, r := range proposed {
			r.Version = versionOf(r, inForce)
			order := s.order(workspaceID, r, started, proposed, true)
			counts, err := s.Privacy.DueAll(ctx, tx, order)
			if err != nil {
				return err
			}
			results = append(results, result(r, order.Before, counts))
		}
		return nil
	})
	return started, results, fault.Wrap("retention.DryRun", err)
}

// versionOf gives the version of a rule that is in force as it is proposed.
func versionOf(r Rule, inForce []Rule) int64 {
	for _, have := range inForce {
		if have.key() == r.key() && have.Days == r.Days && have.Scope == r.Scope {
			return have.Version
		}
	}
	return 0
}

func result(r Rule, before time.Time, counts privacy.Counts) Result {
	return Result{Category: r.Category, Purpose: r.Purpose, Scope: r.Scope, Days: r.Days, Version: r.Version, Before: before, Counts: counts}
}

// Start has runs done as they fall due, until Close.
func (s *Service) Start() {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			if err := s.Work(ctx); err != nil && ctx.Err() == nil {
				s.Logger.ErrorContext(ctx, "retention stopped and is tried again", "error", err)
			}
			select {
			case <-s.wake:
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

// Close stops and waits. A run that is not done is taken up at the next start.
func (s *Service) Close() error {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
	return nil
}

// Work does all runs that are due or asked for, and comes back when they are done.
func (s *Service) Work(ctx context.Context) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	workspaces, err := s.Workspaces(ctx)
	if err != nil {
		return fault.Wrap("retention.Work", err)
	}
	var failed []error
	for _, workspaceID := range workspaces {
		if err := s.workspace(ctx, workspaceID); err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return fault.Wrap("retention.Work", errors.Join(failed...))
}

// workspace does the run of one workspace, if there is one to do.
func (s *Service) workspace(ctx context.Context, workspaceID string) error {
	open, err := s.dueRun(ctx, workspaceID)
	if err != nil || open == nil {
		return err
	}
	ctx = actor.With(ctx, actor.Actor{Type: actor.System, ID: "retention", WorkspaceID: workspaceID})
	return s.run(ctx, &job{workspaceID: workspaceID, run: *open})
}

// dueRun gives the run that is open, or begins one if the last is a day old and
// there are rules; nil if there is nothing to do.
func (s *Service) dueRun(ctx context.Context, workspaceID string) (due *Run, err error) {
	now := s.Clock.Now()
	var begin bool
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		open, is, err := openRun(tx, workspaceID)
		if err != nil {
			return err
		}
		if is {
			due = &open
			return nil
		}
		rules, _, err := loadRules(tx, workspaceID)
		if err != nil || len(rules) == 0 {
			return err
		}
		last, err := loadRuns(tx, workspaceID, id.RetentionRun+"_~", 1)
		begin = len(last) == 0 || !now.Before(last[0].StartedAt.Add(runEvery))
		return err
	})
	if err != nil || !begin {
		return due, err
	}
	run, err := s.Begin(actor.With(ctx, actor.Actor{Type: actor.System, ID: "retention", WorkspaceID: workspaceID}))
	return &run, err
}

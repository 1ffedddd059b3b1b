package retention

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// People is how the service finds whom a rule about contacts has come to; contacts
// are another package's.
type People struct {
	// Idle is an SQL condition on contacts c: not seen or changed since a moment.
	Idle func(since int64) string
	// After gives idle people, the longest idle first, after a place in that order,
	// and the place of the last.
	After func(tx *storage.Tx, r privacy.Rule, after Place) (ids []string, last Place, err error)
	// Still tells whether somebody is idle.
	Still func(tx *storage.Tx, r privacy.Rule, contactID string) (bool, error)
}

// Place is a place in the order of idle people.
type Place struct {
	Since int64
	ID    string
}

// Deps is what the service needs.
type Deps struct {
	DB         *storage.DB
	Privacy    *privacy.Service
	Audit      *audit.Log
	Clock      clock.Clock
	IDs        id.Source
	Logger     *slog.Logger
	People     People
	Workspaces func(ctx context.Context) ([]string, error) // the ids of all
	// Busy gives SQL conditions on contacts c: people who are not erased for being
	// idle since a moment, since something of theirs is open or newer.
	Busy []func(since int64) string
	// Rest waits between two batches, the last of which waited and took so long. Nil:
	// as long as [rest] says, for real.
	Rest func(ctx context.Context, waited, took time.Duration)
}

// Service keeps the rules and applies them.
type Service struct {
	Deps
	node string // names this process in leases
	wake chan struct{}
	turn sync.Mutex // one run at a time in a process
	stop context.CancelFunc
	done sync.WaitGroup
}

// New gives the service.
func New(d Deps) *Service {
	if d.Rest == nil {
		d.Rest = rest
	}
	return &Service{Deps: d, node: d.IDs.New(id.RetentionRun), wake: make(chan struct{}, 1)}
}

// Settings is all that can be seen and set.
type Settings struct {
	Rules      []Rule     `json:"rules"`
	BuiltIn    []BuiltIn  `json:"built_in" doc:"What always has its term, in every workspace."`
	Categories []Category `json:"categories" doc:"What a rule can be set for."`
	Version    time.Time  `json:"-"` // when the rules last changed
}

// Categories gives what rules can be set for here: what some holder can remove.
func (s *Service) Categories() []Category {
	ages := s.Privacy.Ages()
	return slices.DeleteFunc(slices.Clone(categories), func(c Category) bool { return !slices.Contains(ages, c.Category) })
}

// Get gives the rules of the actor's workspace.
func (s *Service) Get(ctx context.Context) (Settings, error) {
	out := Settings{BuiltIn: builtIn, Categories: s.Categories()}
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		out.Rules, out.Version, err = loadRules(tx, actor.From(ctx).WorkspaceID)
		return err
	})
	return out, fault.Wrap("retention.Get", err)
}

// Set replaces the rules of the actor's workspace. Check, if not nil, is asked
// whether the rules that are there may be changed.
func (s *Service) Set(ctx context.Context, rules []Rule, mayChange func(changed time.Time) error) (Settings, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	rules = slices.Clone(rules)
	if err := s.valid(ctx, rules); err != nil {
		return Settings{}, err
	}
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("retention " + a.WorkspaceID); err != nil {
			return err
		}
		_, changed, err := loadRules(tx, a.WorkspaceID)
		if err != nil {
			return err
		}
		if mayChange != nil {
			if err := mayChange(changed); err != nil {
				return err
			}
		}
		if !now.After(changed) {
			now = changed.Add(time.Microsecond)
		}
		changes, err := saveRules(tx, a.WorkspaceID, rules, clock.Micros(now))
		if err != nil || len(changes) == 0 {
			return err
		}
		return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "retention.changed",
			TargetType: "workspace", TargetID: a.WorkspaceID, Details: changes})
	})
	if err != nil {
		return Settings{}, fault.Wrap("retention.Set", err)
	}
	return s.Get(ctx)
}

func (s *Service) valid(ctx context.Context, rules []Rule) error {
	purposes, err := s.Privacy.Purposes(ctx, actor.From(ctx).WorkspaceID)
	if err != nil {
		return err
	}
	keys := make([]string, len(purposes))
	for i, p := range purposes {
		keys[i] = p.Key
	}
	return check(rules, s.Categories(), keys)
}

// Terms gives the rules in force as the catalogue tells them.
func (s *Service) Terms(ctx context.Context, workspaceID string) ([]privacy.Term, error) {
	var terms []privacy.Term
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		rules, _, err := loadRules(tx, workspaceID)
		terms = make([]privacy.Term, len(rules))
		for i, r := range rules {
			terms[i] = privacy.Term{Category: r.Category, Purpose: r.Purpose, Scope: r.Scope, Days: r.Days}
		}
		return err
	})
	return terms, fault.Wrap("retention.Terms", err)
}

// order is a rule at work beside the others in force: with the moment before which
// things go, and with whom it leaves alone. In a dry run nobody has been erased yet,
// so those who would be are left out of the rest.
func (s *Service) order(workspaceID string, r Rule, started time.Time, all []Rule, dry bool) privacy.Rule {
	out := privacy.Rule{WorkspaceID: workspaceID, Category: r.Category, Purpose: r.Purpose, Scope: r.Scope,
		Before: started.Add(-time.Duration(r.Days) * 24 * time.Hour)}
	spare := []string{"c.restricted_at IS NOT NULL", fmt.Sprintf("COALESCE(c.held_until, 0) > %d", clock.Micros(started))}
	if r.Category == privacy.AgesContacts {
		for _, fn := range s.Busy {
			spare = append(spare, fn(clock.Micros(out.Before)))
		}
	}
	for _, other := range all {
		switch {
		case other.Category == r.Category && r.Purpose == "" && other.Purpose != "":
			spare = append(spare, privacy.RestsOn(other.Purpose)) // they have a rule of their own
		case dry && other.Category == privacy.AgesContacts && r.Category != privacy.AgesContacts:
			erased := s.order(workspaceID, other, started, all, true)
			spare = append(spare, s.People.Idle(clock.Micros(erased.Before))+erased.OfContacts())
		}
	}
	out.Spare = "(" + strings.Join(spare, ") OR (") + ")"
	return out
}

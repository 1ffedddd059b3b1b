package segment

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB    *storage.DB
	Vault *vault.Vault
	Audit *audit.Log
	Clock clock.Clock
	IDs   id.Source
	// Logger hears of what goes on beside the requests; nil: nobody does.
	Logger *slog.Logger
}

// Service keeps segments and finds who is in them. It is safe for concurrent use
// once its sources are added.
type Service struct {
	Deps
	sources []*Source
	users   []user
	turns   turns
	broken  sync.Map // workspaces whose runs cannot be read, until their making begins
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// user is something that may use segments.
type user struct {
	what string
	uses func(tx *storage.Tx, workspaceID, segmentID string) (bool, error)
}

// New gives the service. Add sources to it before it is used.
func New(d Deps) *Service {
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d}
}

// Add makes fields known. Call it before the service is in use.
func (s *Service) Add(sources ...Source) {
	for i := range sources {
		s.sources = append(s.sources, &sources[i])
	}
}

// UsedBy has a segment kept for as long as something uses it; what says who that is
// in plain words, such as "a saved view". Call it before the service is in use.
func (s *Service) UsedBy(what string, uses func(tx *storage.Tx, workspaceID, segmentID string) (bool, error)) {
	s.users = append(s.users, user{what, uses})
}

// Fields gives all that conditions can be about.
func (s *Service) Fields(ctx context.Context) ([]Field, error) {
	out := []Field{}
	for _, src := range s.sources {
		some, err := src.List(ctx, actor.From(ctx).WorkspaceID)
		if err != nil {
			return nil, fault.Wrap("segment.Fields", err)
		}
		out = append(out, some...)
	}
	return out, nil
}

func (s *Service) key(ctx context.Context, workspaceID string) (*vault.Key, error) {
	return s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID})
}

// Create adds a segment to the context's workspace.
func (s *Service) Create(ctx context.Context, n NewSegment) (Segment, error) {
	a, now := actor.From(ctx), clock.Micros(s.Clock.Now())
	name, err := checkName(n.Name)
	if err != nil {
		return Segment{}, err
	}
	if _, err := s.Compile(ctx, a.WorkspaceID, n.Filter); err != nil {
		return Segment{}, err
	}
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return Segment{}, fault.Wrap("segment.Create", err)
	}
	r := row{id: s.IDs.New(id.Segment), created: now, updated: now}
	if r.sealed, err = (definition{name, n.Filter}).seal(key, r.id); err != nil {
		return Segment{}, fault.Wrap("segment.Create", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("segments " + a.WorkspaceID); err != nil {
			return err
		}
		var n64 int
		if err := tx.QueryRow(countSegments, a.WorkspaceID).Scan(&n64); err != nil {
			return err
		}
		if n64 >= maxSegments {
			return fault.Conflict("too_many_segments", "A workspace has at most 500 segments. Remove one first.")
		}
		if _, err := tx.Exec(insertSegment, a.WorkspaceID, r.id, r.sealed, r.created, r.updated); err != nil {
			return err
		}
		return s.record(tx, a, "segment.created", r.id, n.Filter)
	})
	if err != nil {
		return Segment{}, fault.Wrap("segment.Create", err)
	}
	return r.open(key)
}

// record appends to the audit log: how many conditions, not what they say.
func (s *Service) record(tx *storage.Tx, a actor.Actor, action, segmentID string, f Filter) error {
	conditions := 0
	f.each(func(*Filter) { conditions++ })
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action,
		TargetType: "segment", TargetID: segmentID, Details: map[string]string{"conditions": strconv.Itoa(conditions)}})
}

// Get gives one segment of the context's workspace.
func (s *Service) Get(ctx context.Context, segmentID string) (Segment, error) {
	all, err := s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
		r, err := load(tx, workspaceID, segmentID)
		return []row{r}, err
	})
	if err != nil {
		return Segment{}, fault.Wrap("segment.Get", err)
	}
	return all[0], nil
}

// List gives segments of the context's workspace, newest first: those before an id
// ("" for the first page), at most limit.
func (s *Service) List(ctx context.Context, before string, limit int) ([]Segment, error) {
	if before == "" {
		before = "~"
	}
	all, err := s.read(ctx, func(tx *storage.Tx, workspaceID string) ([]row, error) {
		return loadPage(tx, workspaceID, before, limit)
	})
	return all, fault.Wrap("segment.List", err)
}

func (s *Service) read(ctx context.Context, load func(tx *storage.Tx, workspaceID string) ([]row, error)) ([]Segment, error) {
	a := actor.From(ctx)
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	var rows []row
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = load(tx, a.WorkspaceID)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]Segment, len(rows))
	for i, r := range rows {
		if out[i], err = r.open(key); err != nil {
			return nil, err
		}
		_, err = s.Compile(asKept(ctx), a.WorkspaceID, out[i].Filter)
		if out[i].Problem, err = problemOf(err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// problemOf gives what is wrong with a filter, in words.
func problemOf(err error) (string, error) {
	e := fault.As(err)
	if e == nil || e.Kind != fault.KindInvalid {
		return "", err
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Field + " " + e.Fields[0].Detail, nil
	}
	return e.Detail, nil
}

// Update changes a segment. Check, if not nil, is asked whether the version that is
// there may be changed.
func (s *Service) Update(ctx context.Context, segmentID string, c SegmentChange, check func(updated time.Time) error) (Segment, error) {
	a, now := actor.From(ctx), clock.Micros(s.Clock.Now())
	if c.Name != nil {
		name, err := checkName(*c.Name)
		if err != nil {
			return Segment{}, err
		}
		c.Name = &name
	}
	if c.Filter != nil {
		if _, err := s.Compile(ctx, a.WorkspaceID, *c.Filter); err != nil {
			return Segment{}, err
		}
	}
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return Segment{}, fault.Wrap("segment.Update", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("segment " + segmentID); err != nil {
			return err
		}
		return s.change(tx, a, segmentID, c, key, now, check)
	})
	if err != nil {
		return Segment{}, fault.Wrap("segment.Update", err)
	}
	return s.Get(ctx, segmentID)
}

func (s *Service) change(tx *storage.Tx, a actor.Actor, segmentID string, c SegmentChange, key *vault.Key, now int64, check func(time.Time) error) error {
	r, err := load(tx, a.WorkspaceID, segmentID)
	if err != nil {
		return err
	}
	if check != nil {
		if err := check(clock.FromMicros(r.updated)); err != nil {
			return err
		}
	}
	seg, err := r.open(key)
	if err != nil {
		return err
	}
	d := definition{seg.Name, seg.Filter}
	if c.Name != nil {
		d.Name = *c.Name
	}
	if c.Filter != nil {
		d.Filter = *c.Filter
	}
	sealed, err := d.seal(key, segmentID)
	if err != nil {
		return err
	}
	// The version must move even if the clock does not.
	if _, err := tx.Exec(updateSegment, sealed, max(now, r.updated+1), a.WorkspaceID, segmentID); err != nil {
		return err
	}
	return s.record(tx, a, "segment.updated", segmentID, d.Filter)
}

// Delete removes a segment that nothing uses.
func (s *Service) Delete(ctx context.Context, segmentID string) error {
	a := actor.From(ctx)
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return fault.Wrap("segment.Delete", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := Lock(tx, segmentID); err != nil {
			return err
		}
		r, err := load(tx, a.WorkspaceID, segmentID)
		if err != nil {
			return err
		}
		for _, u := range s.users {
			used, err := u.uses(tx, a.WorkspaceID, segmentID)
			if err != nil {
				return err
			}
			if used {
				return fault.Conflict("segment_in_use", "The segment is used by "+u.what+". Choose another there first.")
			}
		}
		if _, err := tx.Exec(deleteSegment, a.WorkspaceID, segmentID); err != nil {
			return err
		}
		seg, err := r.open(key)
		if err != nil {
			return err
		}
		return s.record(tx, a, "segment.deleted", segmentID, seg.Filter)
	})
	return fault.Wrap("segment.Delete", err)
}

// Lock holds a segment until the transaction ends: whoever begins to use one takes
// it, looks that the segment is still there, and saves.
func Lock(tx *storage.Tx, segmentID string) error { return tx.Lock("segment " + segmentID) }

// Exists tells whether a segment is in the workspace: nil, or not found.
func Exists(tx *storage.Tx, workspaceID, segmentID string) error {
	_, err := load(tx, workspaceID, segmentID)
	return err
}

// Predicate gives the predicate of a saved segment of the context's workspace. One
// that cannot be used as it is, is a conflict with the code segment_broken.
func (s *Service) Predicate(ctx context.Context, segmentID string) (*Predicate, error) {
	a := actor.From(ctx)
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return nil, fault.Wrap("segment.Predicate", err)
	}
	var r row
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = load(tx, a.WorkspaceID, segmentID)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("segment.Predicate", err)
	}
	seg, err := r.open(key)
	if err != nil {
		return nil, fault.Wrap("segment.Predicate", err)
	}
	p, err := s.Compile(asKept(ctx), a.WorkspaceID, seg.Filter)
	if problem, _ := problemOf(err); problem != "" {
		return nil, fault.Conflict("segment_broken", "The segment uses something that was removed or changed. Open it and put it right: "+problem+".")
	}
	return p, err
}

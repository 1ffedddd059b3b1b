package enrich

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

const (
	leaseFor  = 2 * time.Minute  // longer than a question may take
	pollEvery = 5 * time.Second  // for what other nodes left and what has fallen due
	followed  = 256              // events that are read at once
	forgotten = 50               // people who are forgotten in one go
	afterFail = 10 * time.Second // when the database does not answer
)

// Start has the service look people up until Close.
func (s *Service) Start() {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	// Asking is a loop of its own: who waits for a slow provider keeps nobody from
	// being forgotten.
	s.done.Go(func() { s.run(ctx, s.wake, s.tend) })
	s.done.Go(func() { s.run(ctx, s.wakeAsk, s.ask) })
}

// Close stops what Start began, and waits for the questions under way.
func (s *Service) Close() error {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
	return nil
}

func (s *Service) run(ctx context.Context, wake <-chan struct{}, work func(context.Context) error) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			s.Logger.ErrorContext(ctx, "people cannot be looked up; it is tried again", "error", err)
			rest := time.NewTimer(afterFail)
			select {
			case <-rest.C:
			case <-ctx.Done():
			}
			rest.Stop()
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-poll.C:
		}
	}
}

// Work does all that is due now: it follows what happened, forgets what is to be
// forgotten, and asks what is to be asked.
func (s *Service) Work(ctx context.Context) error {
	err := s.tend(ctx)
	if err == nil {
		err = s.ask(ctx)
	}
	if err == nil { // what a source says no more
		err = s.forget(ctx)
	}
	return fault.Wrap("enrich.Work", err)
}

// tend follows what happened, and forgets what is to be forgotten.
func (s *Service) tend(ctx context.Context) error {
	var ids []string
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		ids, err = scanWords(tx.Query(`SELECT workspace_id FROM enrich_settings`))
		return err
	})
	for _, workspaceID := range ids {
		for more := true; more && err == nil; {
			more, err = s.follow(ctx, workspaceID)
		}
	}
	if err == nil {
		err = s.forget(ctx)
	}
	signal(s.wakeAsk) // for whom was queued
	return err
}

// forget takes out all that is marked.
func (s *Service) forget(ctx context.Context) (err error) {
	for more := true; more && err == nil; {
		more, err = s.forgetSome(ctx)
	}
	return err
}

// follow reads on in what happened: who objected is to be forgotten, and who has a
// new address is looked up where that is wished. It marks what has come of age, too.
func (s *Service) follow(ctx context.Context, workspaceID string) (more bool, err error) {
	now := s.Clock.Now()
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("enrichment " + workspaceID); err != nil {
			return err
		}
		set, err := loadSettings(tx, workspaceID)
		if err != nil {
			return err
		}
		events, err := live.After(tx, workspaceID, set.reached, followed)
		if err != nil {
			return err
		}
		more = len(events) == followed
		for _, e := range events {
			if err := s.heard(tx, set, e); err != nil {
				return err
			}
		}
		if len(events) > 0 {
			if _, err := tx.Exec(`UPDATE enrich_settings SET reached = $1 WHERE workspace_id = $2`, events[len(events)-1].Sequence, workspaceID); err != nil {
				return err
			}
		}
		return s.mark(tx, workspaceID, set, now)
	})
	return more, err
}

// mark marks what is past its term to be forgotten, or to be looked up anew.
func (s *Service) mark(tx *storage.Tx, workspaceID string, set Settings, now time.Time) error {
	if set.KeepDays != nil {
		if _, err := tx.Exec(markExpired, workspaceID, clock.Micros(now.AddDate(0, 0, -*set.KeepDays))); err != nil {
			return err
		}
	}
	if set.RefreshDays != nil && set.Enabled {
		at := clock.Micros(now)
		_, err := tx.Exec(markRefresh, at, at, workspaceID, clock.Micros(now.AddDate(0, 0, -*set.RefreshDays)))
		return err
	}
	return nil
}

// heard does what an event about a person asks for.
func (s *Service) heard(tx *storage.Tx, set Settings, e live.Event) error {
	if e.ContactID == "" || e.ActorType == actor.System && e.ActorID == "enrichment" {
		return nil
	}
	sub := privacy.Subject{WorkspaceID: e.WorkspaceID, ContactID: e.ContactID}
	fields := strings.Split(e.Details["fields"], ",")
	switch {
	case e.Type == live.ConsentWithdrawn, e.Type == live.ContactUpdated && slices.Contains(fields, "objections"):
		if set.Purpose == "" {
			return nil
		}
		f := fault.As(s.Privacy.MayUse(tx, sub, set.Purpose))
		if f == nil || f.Code != "objected" && f.Code != "consent_missing" {
			return nil
		}
		members, err := contacts.Group(tx, e.WorkspaceID, e.ContactID)
		for _, m := range members {
			if err == nil {
				_, err = tx.Exec(markPerson, m.WorkspaceID, m.ContactID)
			}
		}
		return err
	case e.Type == live.ContactCreated, e.Type == live.ContactUpdated && (e.Details["fields"] == "" || slices.Contains(fields, "email")):
		if !set.Enabled || !set.Automatic {
			return nil
		}
		return s.queue(tx, sub, system(e.WorkspaceID), "automatic")
	}
	return nil
}

// queue has a person looked up at every provider that is on.
func (s *Service) queue(tx *storage.Tx, sub privacy.Subject, by actor.Actor, reason string) error {
	providers, err := scanWords(tx.Query(`SELECT id FROM enrich_providers WHERE workspace_id = $1 AND state = 'on' ORDER BY id`, sub.WorkspaceID))
	if err != nil {
		return err
	}
	if len(providers) == 0 && reason == "asked" {
		return fault.Conflict("no_provider", "No provider is switched on. Switch one on under Settings, Enrichment.")
	}
	now := clock.Micros(s.Clock.Now())
	for _, id := range providers {
		if _, err := tx.Exec(insertLookup, sub.WorkspaceID, sub.ContactID, id, reason, string(by.Type), by.ID, now, now); err != nil {
			return err
		}
	}
	return nil
}

// forgetSome takes out what is marked, of some people.
func (s *Service) forgetSome(ctx context.Context) (more bool, err error) {
	var people [][2]string
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		people, err = scanPairs(tx.Query(selectForget, clock.Micros(s.Clock.Now()), forgotten))
		return err
	})
	for _, p := range people {
		if err == nil {
			err = s.forgetMarked(ctx, privacy.Subject{WorkspaceID: p[0], ContactID: p[1]})
		}
	}
	return len(people) == forgotten, err
}

// forgetMarked takes out of one profile what is marked.
func (s *Service) forgetMarked(ctx context.Context, sub privacy.Subject) error {
	ctx = actor.With(ctx, system(sub.WorkspaceID))
	var providers []string
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		providers, err = scanWords(tx.Query(selectForgetOf, sub.WorkspaceID, sub.ContactID))
		return err
	})
	if err != nil || len(providers) == 0 {
		return err
	}
	these := map[string]bool{}
	for _, id := range providers {
		these[id] = true
	}
	drop := func(tx *storage.Tx) error {
		if err := s.noteForgotten(tx, sub, system(sub.WorkspaceID), these); err != nil {
			return err
		}
		for _, id := range providers {
			for _, query := range []string{deleteForgot, deleteAvatarOf} {
				if _, err := tx.Exec(query, sub.WorkspaceID, sub.ContactID, id); err != nil {
					return err
				}
			}
		}
		return s.record(tx, system(sub.WorkspaceID), "contact.enrichment_forgotten", sub.ContactID, nil)
	}
	which := func(_ string, from contacts.Provenance) bool { return slices.Contains(providers, from.Provider) }
	if into, err := s.person(ctx, sub.ContactID); err == nil && into != sub { // what was found came along
		if _, err := s.Contacts.Forget(ctx, into, which, func(*storage.Tx) error { return nil }); err != nil {
			return err
		}
	}
	_, err = s.Contacts.Forget(ctx, sub, which, drop)
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
		return s.DB.Write(ctx, drop)
	}
	return err
}

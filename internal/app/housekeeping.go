package app

import (
	"context"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/api"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/webhook"
)

// binFor is how long a contact stays in the bin.
const binFor = 30 * 24 * time.Hour

// keepMails is how long mails are kept, whether they were sent or wait.
const keepMails = 30 * 24 * time.Hour

// batch bounds what one round of housekeeping does of each sort.
const batch = 200

// start begins what runs beside the requests. It ends with the context and is
// waited for by Close.
func (s *System) start(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { s.keepHouse(ctx) })
	done.Go(func() { s.sendLinks(ctx) })
	done.Go(func() { s.sendNotices(ctx) })
	done.Go(func() { s.weighVotes(ctx) })
	s.Search.Start()
	s.Mail.Start()
	s.Retention.Start()
	s.Webhooks.Start()
	s.Enrich.Start()
	s.Contacts.Start()
	s.Segments.Start()
	s.Companies.Start()
	s.Imports.Start()
	s.Files.Start()
	s.closers = append(s.closers, s.Search.Close, s.Mail.Close, s.Retention.Close, s.Webhooks.Close, s.Enrich.Close, s.Contacts.Close, s.Segments.Close, s.Companies.Close, s.Imports.Close, s.Files.Close, s.Boards.StopImports, func() error {
		stop()
		done.Wait()
		return s.Workspaces.Flush(context.WithoutCancel(ctx))
	})
}

// keepHouse does, every 15 seconds, what falls due.
func (s *System) keepHouse(ctx context.Context) {
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for round := 0; ; round++ {
		s.round(ctx, round)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *System) round(ctx context.Context, round int) {
	now := s.Clock.Now()
	chores := map[string]func() error{
		"finish interrupted erasures": func() error { return s.Privacy.FinishErasures(ctx) },
		"leave redacted text behind":  func() error { return s.Inbox.ScrubRedacted(ctx) },
		"wake snoozed conversations":  func() error { _, err := s.Inbox.WakeSnoozed(ctx, now, batch); return err },
		"write when keys were used":   func() error { return s.Workspaces.Flush(ctx) },
	}
	chores["end mails to those who were erased"] = func() error { return s.Mail.EndOwn(ctx, batch) }
	chores["announce scheduled entries of changelogs"] = func() error { return s.Boards.Announce(ctx, batch) }
	chores["remind of privacy requests"] = func() error { return s.Requests.Remind(ctx, batch) }
	if round%4 == 0 { // every minute
		chores["forget what failed mails told"] = func() error { return s.Mail.ForgetValues(ctx, batch) }
		chores["destroy the files of imports"] = func() error { return s.Imports.Sweep(ctx) }
		chores["answer requests that were left open"] = func() error { return s.Requests.Resume(ctx, now.Add(-time.Minute), batch) }
	}
	if round%40 == 0 { // every ten minutes
		chores["remove blocks that have ended"] = func() error { return s.Contacts.SweepBlocks(ctx, batch) }
		chores["remove sessions that are over"] = func() error { return s.Workspaces.Sweep(ctx) }
		chores["forget used challenges of boards"] = func() error { return s.Boards.ForgetChallenges(ctx, 10*batch) }
		chores["forget kept answers"] = func() error { return s.ForgetAnswers(ctx, now.Add(-api.KeepAnswers)) }
		chores["remove finished deliveries"] = func() error { return s.RemoveDeliveries(ctx, now.Add(-webhook.KeepFinished)) }
		chores["forget children whose parents did not answer"] = func() error { _, err := s.Children.Sweep(ctx, batch); return err }
		chores["remove old mails"] = func() error { return s.RemoveMails(ctx, now.Add(-keepMails)) }
		chores["remove sign-ins to boards that are over"] = func() error { return s.Boards.SweepSessions(ctx, 10*batch) }
		chores["remove links that are over"] = func() error { return s.Requests.Sweep(ctx, 10*batch) }
		chores["forget the links of old requests"] = func() error { return s.Requests.Tidy(ctx, 10*batch) }
		chores["forget former values"] = func() error { return s.ForgetFormer(ctx) }
		chores["forget merged profiles"] = func() error { return s.ForgetMerged(ctx, now.Add(-contacts.KeepMerged)) }
		chores["remove old values of attributes"] = func() error { _, err := s.Contacts.ExpireAttributes(ctx, batch); return err }
		chores["remove old technical data"] = func() error { _, err := s.Contacts.ExpireDevices(ctx, 10*batch, s.technical); return err }
		chores["forget from where operators looked"] = func() error {
			_, err := s.Audit.ForgetPlaces(ctx, now.Add(-audit.KeepPlaces), 50*batch)
			return err
		}
		chores["empty the bin"] = func() error { return s.EmptyBin(ctx, now.Add(-binFor)) }
	}
	if round%5760 == 240 { // an hour after the start, then every day
		chores["leave removed words behind"] = func() error { return s.Search.Compact(ctx) }
	}
	for what, do := range chores {
		if err := do(); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "housekeeping failed", "chore", what, "error", err)
		}
	}
}

// ForgetAnswers removes answers that were kept for Idempotency-Key.
func (s *System) ForgetAnswers(ctx context.Context, before time.Time) error {
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := s.Privacy.RetainAll(ctx, tx, privacy.Rule{Category: privacy.AgesAnswers, Before: before, Limit: 10 * batch})
		return err
	})
}

// RemoveMails removes mails that were queued before a moment.
func (s *System) RemoveMails(ctx context.Context, before time.Time) error {
	workspaces, err := s.Workspaces.AllIDs(ctx)
	if err != nil {
		return err
	}
	for _, workspaceID := range workspaces {
		if _, err := s.Mail.RemoveOld(ctx, workspaceID, before, 10*batch); err != nil {
			return err
		}
	}
	return nil
}

// ForgetMerged forgets the former profiles of merges that were made before a moment.
func (s *System) ForgetMerged(ctx context.Context, before time.Time) error {
	workspaces, err := s.Workspaces.AllIDs(ctx)
	if err != nil {
		return err
	}
	for _, workspaceID := range workspaces {
		if err := s.Contacts.ForgetMerged(ctx, workspaceID, before, batch); err != nil {
			return err
		}
	}
	return nil
}

// EmptyBin erases contacts that went to the bin before a moment.
func (s *System) EmptyBin(ctx context.Context, before time.Time) error {
	workspaces, err := s.Workspaces.AllIDs(ctx)
	if err != nil {
		return err
	}
	for _, workspaceID := range workspaces {
		var due []string
		err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
			due, err = contacts.BinnedBefore(tx, workspaceID, before, s.Clock.Now(), batch)
			return err
		})
		if err != nil {
			return err
		}
		as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "bin", WorkspaceID: workspaceID})
		for _, contactID := range due {
			err := s.Privacy.EraseIf(as, contactID, func(tx *storage.Tx) (bool, error) {
				return contacts.IsBinnedBefore(tx, workspaceID, contactID, before) // somebody may have taken them out again
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

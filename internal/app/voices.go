package app

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// voices is what boards need to let people speak for themselves.
func (s *System) voices() boards.VoiceDeps {
	return boards.VoiceDeps{MayTakePart: s.mayTakePart, MayMail: s.mayMailFollower, Mail: s.boardMail, Purge: s.Privacy.Purge, Record: s.Privacy.Record}
}

// mayTakePart refuses what somebody does themselves while nothing but storage may
// happen to their data, while they are in the bin, and of children without a parent's
// consent.
func (s *System) mayTakePart(tx *storage.Tx, sub privacy.Subject) error {
	st, err := contacts.People().Standing(tx, sub)
	switch {
	case err != nil:
		return err
	case st.IsRestricted():
		return fault.Conflict("processing_restricted", "The use of your data is restricted, so nothing of yours can be shown or counted. Your privacy page tells how that ends.")
	case !st.BinnedAt.IsZero():
		return fault.Conflict("contact_in_bin", "Your data is about to be removed here, so nothing is added to it.")
	}
	return children.MayWrite(tx, sub)
}

// mayMailFollower refuses mails about what somebody follows that they may not or
// cannot get.
func (s *System) mayMailFollower(ctx context.Context, tx *storage.Tx, sub privacy.Subject) error {
	if err := s.Privacy.MayUse(tx, sub, privacy.PurposeSupport); err != nil {
		return err
	}
	blocked, err := s.Contacts.IsBlocked(ctx, tx, sub.WorkspaceID, sub.ContactID)
	if err == nil && blocked {
		err = contacts.BlockedError()
	}
	if err != nil {
		return err
	}
	return s.Mail.Reaches(tx, sub, s.Clock.Now())
}

// boardMail seals a mail that a board causes and gives what queues it. One click ends
// it where the server is reached by https (RFC 8058).
func (s *System) boardMail(ctx context.Context, l boards.Letter) (func(tx *storage.Tx) error, error) {
	m := mail.Message{WorkspaceID: l.WorkspaceID, ContactID: l.ContactID, Address: l.Address, Name: l.Name, Locale: l.Locale, Template: l.Template,
		Values: maps.Clone(l.Values), Titles: l.Titles, Key: l.Key, Expires: l.Expires}
	if l.Unsubscribe != "" {
		m.Values["stop"] = l.Unsubscribe
		if strings.HasPrefix(l.Unsubscribe, "https://") {
			m.Unsubscribe = l.Unsubscribe
		}
	}
	d, err := s.Mail.Prepare(ctx, m)
	return func(tx *storage.Tx) error { return s.Mail.Queue(tx, d) }, err
}

// sendNotices has followers told what happened to what they follow, every second.
func (s *System) sendNotices(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := s.Boards.SendNotices(ctx, 10); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "followers could not be told", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

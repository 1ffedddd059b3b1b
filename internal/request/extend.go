package request

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Extension is by how much the term of a request is extended, and why.
type Extension struct {
	Until  *time.Time `json:"until,omitempty" doc:"The new day; either this or days."`
	Days   int        `json:"days,omitempty" minimum:"1" maximum:"92" doc:"How many days after the present one; either this or until."`
	Reason string     `json:"reason" minLength:"1" maxLength:"1000" doc:"Why it takes longer, as the person is told."`
}

const maxWhy = 1000

func (x Extension) validate() error {
	switch {
	case (x.Until == nil) == (x.Days == 0):
		return fault.Invalid("until", "or days must be given, and only one of them")
	case x.Days < 0:
		return fault.Invalid("days", "must be more than none")
	case x.Reason == "":
		return fault.Invalid("reason", "must say why: the person has a right to know (GDPR article 12(3))")
	case utf8.RuneCountInString(x.Reason) > maxWhy || strings.ContainsRune(x.Reason, 0):
		return fault.Invalid("reason", "is too long or holds null characters")
	}
	return nil
}

// Extend gives a request more time: once, within a month of its receipt, by two
// further months at most, for a reason that the person is told (GDPR article 12(3)).
// Check is as with [Service.Change].
func (s *Service) Extend(ctx context.Context, id string, x Extension, check func(updated time.Time) error) (Request, error) {
	const op = "request.Extend"
	x.Reason = strings.TrimSpace(x.Reason)
	if err := x.validate(); err != nil {
		return Request{}, err
	}
	r, err := s.load(ctx, actor.From(ctx).WorkspaceID, id)
	if err == nil && check != nil {
		err = check(r.update)
	}
	if err == nil {
		r, err = s.extend(ctx, r, x)
	}
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	out, err := s.show(ctx, r)
	return out, fault.Wrap(op, err)
}

// longer gives the new day, if the law allows it.
func (r row) longer(x Extension, now time.Time) (time.Time, error) {
	until := r.due.Add(time.Duration(x.Days) * day)
	if x.Until != nil {
		until = x.Until.UTC().Truncate(time.Microsecond)
	}
	switch {
	case !r.isOpen():
		return until, closed()
	case r.state == Received:
		return until, notProven()
	case !r.extended.IsZero():
		return until, fault.Conflict("extended_already", "The term of this request was extended already, and that can be done once.")
	case !now.Before(legalDue(r.received)):
		return until, fault.Conflict("too_late_to_extend", "The month in which the person must be told of an extension is over. Answer the request now.")
	case !until.After(r.due) || !until.After(now):
		return until, fault.Invalid("until", "must be later than the present day")
	case until.After(longestDue(r.received)):
		return until, fault.Invalid("until", "must be at most three months after receipt: the law allows two further months")
	}
	return until, nil
}

func (s *Service) extend(ctx context.Context, before row, x Extension) (row, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	until, err := before.longer(x, now)
	if err != nil {
		return before, err
	}
	key, err := s.key(ctx, before.workspaceID, before.contactID)
	if err != nil {
		return before, err
	}
	d, err := openDetails(key, before)
	if err != nil {
		return before, err
	}
	d.Longer = x.Reason
	sealed, err := d.seal(key, before.id)
	if err != nil {
		return before, err
	}
	mail, err := s.longerLetter(ctx, before, d, until)
	if err != nil {
		return before, err
	}
	err = s.edit(ctx, before, func(tx *storage.Tx, r *row) error {
		if !r.update.Equal(before.update) { // its words may be others now
			return changedMeanwhile()
		}
		r.details, r.due, r.extended, r.extendedByType, r.extendedBy = sealed, until, now, string(a.Type), a.ID
		r.reminded = levelAt(r.received, until, now)
		r.remind = nextMoment(r.received, until, r.reminded)
		if err := s.record(tx, *r, a, "extended", live.PrivacyRequestExtended, map[string]string{"until": until.UTC().Format(time.RFC3339)}); err != nil {
			return err
		}
		return mail.queue(tx)
	})
	if err != nil {
		return before, err
	}
	return s.load(ctx, before.workspaceID, before.id)
}

func (s *Service) longerLetter(ctx context.Context, r row, d details, until time.Time) (letters, error) {
	ws, err := s.Workspaces.Get(ctx, r.workspaceID)
	if err != nil {
		return nil, err
	}
	locale, err := s.localeOf(ctx, ws, r, d.Locale)
	if err != nil {
		return nil, err
	}
	return s.toContact(ctx, r, locale, "request_extended", "request_extended:"+r.id, map[string]string{
		"kind": r.kind, "due_date": until.Format(time.DateOnly), "reason": clip(d.Longer), "url": s.statusURL(ws, d.Link, locale)})
}

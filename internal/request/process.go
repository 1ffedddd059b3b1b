package request

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// errPerson says that a request needs a person after all.
var errPerson = fault.Conflict("needs_a_person", "This request needs a person to look at it.")

// process carries out a request that is the machine's to answer. What it does may
// be done twice without harm, since a crash may come between doing and noting it.
func (s *Service) process(ctx context.Context, workspaceID, id string) error {
	r, err := s.load(ctx, workspaceID, id)
	if err != nil || !r.isOpen() || !r.automatic || r.contactID == "" {
		return err
	}
	as := actor.With(ctx, actorOf(r))
	if r.proof == BySession {
		several, err := s.isSeveral(ctx, r)
		if err != nil {
			return err
		}
		if several {
			return s.handOver(as, r) // merged since: a browser does not speak for all that is theirs
		}
	}
	d, err := s.words(as, r)
	if err != nil {
		return err
	}
	err = s.act(as, r, d)
	switch {
	case isHold(err):
		return s.wait(as, r)
	case fault.Is(err, fault.KindNotFound), fault.Is(err, fault.KindGone):
		return nil // the person was erased meanwhile, and the request with them
	case fault.Is(err, fault.KindConflict), fault.Is(err, fault.KindInvalid):
		return s.handOver(as, r)
	case err != nil:
		return err
	}
	_, err = s.finish(as, r.workspaceID, r.id, Completed, "", "")
	return err
}

// actorOf gives as whom the machine acts: the one who filed the request.
func actorOf(r row) actor.Actor {
	if r.proof == ByMailLink || r.proof == BySession || r.proof == ByToken {
		return actor.Actor{Type: actor.Contact, ID: r.contactID, WorkspaceID: r.workspaceID}
	}
	if r.verifiedBy != "" {
		voucher := refOf(r.verifiedBy)
		return actor.Actor{Type: voucher.Type, ID: voucher.ID, WorkspaceID: r.workspaceID}
	}
	return actor.Actor{Type: actor.Type(r.actorType), ID: r.actorID, WorkspaceID: r.workspaceID}
}

func (s *Service) words(ctx context.Context, r row) (details, error) {
	key, err := s.key(ctx, r.workspaceID, r.contactID)
	if err != nil {
		return details{}, err
	}
	return openDetails(key, r)
}

// act does what a request asks for. Access and portability ask for nothing to be
// done: the export is written when it is fetched.
func (s *Service) act(ctx context.Context, r row, d details) error {
	switch r.kind {
	case Erasure:
		ctx = privacy.WithAsked(ctx, privacy.Asked{Locale: d.Locale, Proven: r.proof == ByMailLink || r.proof == ByToken})
		_, err := s.Privacy.EraseWhile(ctx, r.contactID, r.stillOpen)
		return err
	case Restriction:
		if s.Restrict == nil {
			return errPerson
		}
		return s.Restrict(ctx, r.contactID, true, "request "+r.id)
	case Objection:
		return s.object(ctx, r)
	case Rectification:
		return s.rectify(ctx, r, d)
	}
	return nil
}

// stillOpen fails once the request was taken back or answered. Whoever does that
// holds the person's lock, as an erasure does.
func (r row) stillOpen(tx *storage.Tx) error {
	var open int
	err := tx.QueryRow(`SELECT COUNT(*) FROM privacy_requests WHERE workspace_id = $1 AND id = $2 AND closed_at IS NULL`, r.workspaceID, r.id).Scan(&open)
	if err == nil && open == 0 {
		err = closed()
	}
	return err
}

// object records the objection to one purpose, or to all that rest on the
// interests of the workspace or the public (GDPR article 21(1)), and takes back
// what was consented to.
func (s *Service) object(ctx context.Context, r row) error {
	if s.Object == nil {
		return errPerson
	}
	purposes, err := s.Privacy.Purposes(ctx, r.workspaceID)
	if err != nil {
		return err
	}
	for _, p := range purposes {
		named := p.Key == r.purpose
		all := r.purpose == "" && slices.Contains([]string{"legitimate_interests", "public_task", "consent"}, p.LawfulBasis)
		if !named && !all {
			continue
		}
		if err := s.Object(ctx, r.contactID, p.Key, true, consentSource(r.source)); err != nil {
			return err
		}
	}
	return nil
}

// consentSource gives where an objection was made, as consents name it.
func consentSource(source string) string {
	switch source {
	case FromOperator:
		return "dashboard"
	case FromMail:
		return FromPortal
	}
	return source
}

// rectify corrects what the person entered themselves; everything else is for a
// person to look at, and so is the address of somebody who was vouched for.
func (s *Service) rectify(ctx context.Context, r row, d details) error {
	if len(d.Changes) == 0 {
		return errPerson
	}
	c, err := s.Contacts.FindPerson(ctx, r.workspaceID, r.contactID)
	if err != nil {
		return err
	}
	for field := range maps.Keys(d.Changes) {
		source := c.Provenance[field].Source
		if source != FromWidget && source != FromPortal || field == "email" && c.Verified {
			return errPerson
		}
	}
	return s.correct(ctx, r, d)
}

// correct makes the changes. Who works on a request has the law as the reason.
func (s *Service) correct(ctx context.Context, r row, d details) error {
	change := changeOf(d.Changes)
	change.Basis = &privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "legal_obligation", Evidence: "rectification " + r.id}
	if s.Rectify != nil {
		return s.Rectify(ctx, r.contactID, change)
	}
	_, err := s.Contacts.Update(ctx, r.contactID, change, nil)
	return err
}

func isHold(err error) bool {
	e := fault.As(err)
	return e != nil && e.Code == "legal_hold"
}

// wait notes that an erasure waits for a legal hold to end.
func (s *Service) wait(ctx context.Context, r row) error {
	if r.hold == LegalHold {
		return nil
	}
	return s.edit(ctx, r, func(tx *storage.Tx, r *row) error {
		r.state, r.hold = InProgress, LegalHold
		if r.started.IsZero() {
			r.started = s.Clock.Now()
		}
		return s.record(tx, *r, actor.From(ctx), "waiting", "", map[string]string{"for": LegalHold})
	})
}

// handOver leaves a request to a person.
func (s *Service) handOver(ctx context.Context, r row) error {
	return s.edit(ctx, r, func(tx *storage.Tx, r *row) error {
		r.automatic = false
		return s.record(tx, *r, actor.From(ctx), "handed_over", "", nil)
	})
}

// edit changes an open request in a transaction of its own.
func (s *Service) edit(ctx context.Context, before row, change func(tx *storage.Tx, r *row) error) error {
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		r, err := lockRow(tx, before)
		if err != nil {
			return err
		}
		if !r.isOpen() {
			return closed()
		}
		if err := change(tx, &r); err != nil {
			return err
		}
		return saveRow(tx, r, s.Clock.Now())
	})
}

func closed() error {
	return fault.Conflict("request_closed", "This request was answered or withdrawn already.")
}

// finish closes a request, tells the person, and gives its row. One that was closed
// meanwhile stays as it is.
func (s *Service) finish(ctx context.Context, workspaceID, id, state, reason, answer string) (row, error) {
	r, err := s.load(ctx, workspaceID, id)
	if err != nil || !r.isOpen() {
		return r, err
	}
	d := details{}
	if r.contactID != "" {
		key, err := s.key(ctx, workspaceID, r.contactID)
		if err != nil {
			return r, err
		}
		if d, err = openDetails(key, r); err != nil {
			return r, err
		}
		d.Answer = answer
		if r.details, err = d.seal(key, id); err != nil {
			return r, err
		}
	}
	r.state, r.reason = state, reason
	var mail letters
	if state != Withdrawn {
		if mail, err = s.outcome(ctx, r, d); err != nil {
			return r, err
		}
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		now, err := lockRow(tx, r)
		if err != nil || !now.isOpen() {
			return err
		}
		now.details, now.state, now.reason = r.details, state, reason
		if err := s.close(ctx, tx, now); err != nil {
			return err
		}
		return mail.queue(tx)
	})
	if err != nil {
		return r, err
	}
	return s.load(ctx, workspaceID, id)
}

// close saves a request as closed by the context's actor, with its event.
func (s *Service) close(ctx context.Context, tx *storage.Tx, r row) error {
	a, now := actor.From(ctx), s.Clock.Now()
	r.closed, r.closedByType, r.closedBy = now, string(a.Type), a.ID
	if err := saveRow(tx, r, now); err != nil {
		return err
	}
	event := map[string]string{Completed: live.PrivacyRequestCompleted, Refused: live.PrivacyRequestRefused}[r.state]
	var why map[string]string
	if r.reason != "" {
		why = map[string]string{"reason": r.reason}
	}
	return s.record(tx, r, a, r.state, event, why)
}

// What a legal hold keeps is passed over: many of those must not hold up the rest.
const selectAutomatic = `
	SELECT r.workspace_id, r.id FROM privacy_requests r
	WHERE r.automatic = 1 AND r.closed_at IS NULL AND r.updated_at < $1 AND (r.kind <> 'erasure' OR NOT EXISTS
		(SELECT 1 FROM contacts c WHERE c.workspace_id = r.workspace_id AND c.id = r.contact_id AND c.held_until > $2))
	ORDER BY r.updated_at LIMIT $3`

// Resume answers what the machine began and a crash or a legal hold left open:
// requests that have not moved since a moment, at most limit.
func (s *Service) Resume(ctx context.Context, before time.Time, limit int) error {
	var left []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectAutomatic, clock.Micros(before), clock.Micros(s.Clock.Now()), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		left = nil
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.workspaceID, &r.id); err != nil {
				return err
			}
			left = append(left, r)
		}
		return rows.Err()
	})
	for _, r := range left {
		err = errors.Join(err, s.process(ctx, r.workspaceID, r.id)) // one that fails holds up no other
	}
	return fault.Wrap("request.Resume", err)
}

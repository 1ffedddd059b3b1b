package enrich

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// waits is how long a question waits after each failed attempt; then it is given up.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}

// givenUpAfter ends a question that its provider keeps putting off.
const givenUpAfter = 7 * 24 * time.Hour

func (t ticket) subject() privacy.Subject {
	return privacy.Subject{WorkspaceID: t.workspaceID, ContactID: t.contactID}
}

// consult asks a source, and fetches the picture that it names. A picture that
// cannot be had takes nothing from the rest, nor the one that was had before, unless
// it is not there any more.
func (s *Service) consult(ctx context.Context, src source, q question) (answer, []byte, error) {
	found, err := src.look(ctx, q)
	if err != nil || found.picture == "" {
		return found, nil, err
	}
	file, err := fetch(ctx, s.Egress, found.picture)
	if err == nil {
		file, err = redraw(file)
	}
	if err != nil {
		found.picture, found.pictureStays = "", !errors.Is(err, errUnknown)
		if len(found.fields) > 0 && ctx.Err() == nil {
			err = nil
		}
		return found, nil, err
	}
	return found, file, nil
}

// carry carries one question through. Its error is of the system, not of the provider.
func (s *Service) carry(ctx context.Context, t ticket) error {
	ctx = actor.With(ctx, system(t.workspaceID))
	q, src, name, key, err := s.prepare(ctx, t)
	if err != nil {
		return s.refusal(ctx, t, err)
	}
	asks := src.asks()
	if !q.has(asks) {
		return s.end(ctx, t, "nothing_to_ask")
	}
	later, err := s.leave(ctx, t, src)
	if errors.Is(err, errDropped) {
		return nil
	}
	if err != nil {
		return s.refusal(ctx, t, err)
	}
	if !later.IsZero() {
		return s.put(ctx, t, t.attempts, later, "provider_budget")
	}
	found, picture, err := s.consult(ctx, src, q)
	var f *failure
	switch {
	case errors.As(err, &f):
		return s.failed(ctx, t, f)
	case err != nil:
		return err
	case found.isEmpty():
		return s.failed(ctx, t, errUnknown)
	}
	err = s.keep(ctx, t, name, key, q, found, picture)
	if errors.Is(err, errDropped) {
		return nil
	}
	return s.refusal(ctx, t, err)
}

// refusal ends a question that may not be asked; other errors stay errors.
func (s *Service) refusal(ctx context.Context, t ticket, err error) error {
	f := fault.As(err)
	switch {
	case f == nil:
		return err
	case f.Kind == fault.KindNotFound, f.Kind == fault.KindGone: // erased, or the provider was removed
		return s.DB.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.Exec(`DELETE FROM enrich_lookups WHERE workspace_id = $1 AND contact_id = $2 AND provider_id = $3 AND found_at IS NULL`, t.workspaceID, t.contactID, t.providerID)
			if err == nil {
				err = s.endIn(tx, t, "gone")
			}
			return err
		})
	case f.Kind == fault.KindConflict && f.Code != "changed_meanwhile", f.Kind == fault.KindInvalid:
		return s.end(ctx, t, f.Code)
	}
	return err
}

// prepare says what may be said of a person, and to whom.
func (s *Service) prepare(ctx context.Context, t ticket) (q question, src source, name string, key *vault.Key, err error) {
	sub := t.subject()
	var r row
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		set, err := loadSettings(tx, t.workspaceID)
		if err == nil {
			err = s.mayLook(tx, sub, set)
		}
		if err == nil {
			err = isItself(tx, sub)
		}
		if err == nil {
			r, err = providerBy(tx, t.workspaceID, t.providerID)
		}
		if err == nil && r.state == Off {
			err = fault.Conflict("provider_off", "The provider is switched off.")
		}
		return err
	})
	if err != nil {
		return q, nil, "", nil, err
	}
	c, key, err := s.known(ctx, sub)
	if err != nil {
		return q, nil, "", nil, err
	}
	q = question{email: c.Email, domain: domainOf(c.Email, s.IsPublicMail), name: c.Name}
	src, err = s.ready(ctx, t.workspaceID, r)
	return q, src, r.name, key, err
}

// isItself refuses a contact who was merged into another: that one is looked up.
func isItself(tx *storage.Tx, sub privacy.Subject) error {
	id, err := contacts.Survivor(tx, sub.WorkspaceID, sub.ContactID)
	if err == nil && id != sub.ContactID {
		err = fault.Conflict("merged", "This contact was merged into another, who stands for the person now.")
	}
	return err
}

// known gives a person who has an address that somebody vouched for, and is old enough.
func (s *Service) known(ctx context.Context, sub privacy.Subject) (contacts.Contact, *vault.Key, error) {
	c, key, err := s.Contacts.Look(ctx, sub)
	if err != nil {
		return c, nil, err
	}
	vouched := func(a contacts.Address) bool { return a.Address == c.Email && a.Verified }
	if !c.Verified || c.Email == "" || !slices.ContainsFunc(c.Emails, vouched) {
		return c, nil, fault.Conflict("no_verified_address", "Nobody vouched for an e-mail address of this person, so a lookup might find somebody else.")
	}
	if s.MayAge != nil {
		if err := s.MayAge(ctx, sub, c.Source); err != nil {
			return c, nil, err
		}
	}
	return c, key, nil
}

// leave writes down that something is about to leave: it is asked once more whether
// it may, and the provider's budget is charged. A moment says that it must wait.
func (s *Service) leave(ctx context.Context, t ticket, src source) (later time.Time, err error) {
	now := clock.Micros(s.Clock.Now())
	sub := t.subject()
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		if err := s.holds(tx, t, s.Clock.Now()); err != nil {
			return err
		}
		set, err := loadSettings(tx, t.workspaceID)
		if err == nil {
			err = s.mayLook(tx, sub, set)
		}
		if err != nil {
			return err
		}
		ok, next, err := s.reserve(tx, t.workspaceID, t.providerID)
		if later = next; err != nil || !ok {
			return err
		}
		later = time.Time{}
		kinds := strings.Join(src.asks(), " ")
		if _, err := tx.Exec(noteTold, t.workspaceID, t.contactID, src.host(), kinds, now, now); err != nil {
			return err
		}
		return s.record(tx, actor.Actor{Type: actor.Type(t.byType), ID: t.byID, WorkspaceID: t.workspaceID}, "contact.looked_up", t.contactID,
			map[string]string{"provider": t.providerID, "kinds": strings.ReplaceAll(kinds, " ", ","), "reason": t.reason})
	})
	return later, err
}

// reserve charges a provider's rate limit and budget for one request, for all nodes.
// Where it may not be asked now, next says when.
func (s *Service) reserve(tx *storage.Tx, workspaceID, id string) (ok bool, next time.Time, err error) {
	if err := tx.Lock("enrich provider " + id); err != nil {
		return false, next, err
	}
	r, err := providerBy(tx, workspaceID, id)
	if err != nil {
		return false, next, err
	}
	now := s.Clock.Now()
	minute, day := minuteOf(now), dayOf(now)
	if r.minuteAt != minute {
		r.minuteUsed = 0
	}
	if r.dayAt != day {
		r.dayUsed = 0
	}
	switch {
	case r.blocked > clock.Micros(now):
		return false, clock.FromMicros(r.blocked), nil
	case r.dayUsed >= r.perDay:
		return false, time.Unix((day+1)*86400, 0).UTC(), nil
	case r.minuteUsed >= r.perMinute:
		return false, time.Unix((minute+1)*60, 0).UTC(), nil
	}
	_, err = tx.Exec(spend, minute, r.minuteUsed+1, day, r.dayUsed+1, workspaceID, id)
	return true, next, err
}

// keep writes what was found into the profile, unless the person changed their mind
// meanwhile, or their address: then they are asked about anew.
func (s *Service) keep(ctx context.Context, t ticket, name string, key *vault.Key, asked question, found answer, picture []byte) error {
	sub, now := t.subject(), clock.Micros(s.Clock.Now())
	person, _, err := s.known(ctx, sub)
	if err != nil {
		return err
	}
	if person.Email != asked.email {
		return s.put(ctx, t, t.attempts, s.Clock.Now(), "address_changed")
	}
	refused, err := s.refusedFields(ctx, sub)
	if err != nil {
		return err
	}
	f := contacts.Found{Provider: t.providerID, Source: name, For: asked.email, URL: found.url, Confidence: found.confidence, Refused: refused, PictureStays: found.pictureStays,
		Fields: map[string]string{}, Attributes: map[string]string{}}
	for field, value := range found.fields {
		if attribute, is := attributes[field]; is {
			f.Attributes[attribute] = value
		} else {
			f.Fields[field] = value
		}
	}
	var sealed []byte
	version := ""
	if picture != nil && !refused["avatar_url"] {
		sum := sha256.Sum256(picture)
		version = hex.EncodeToString(sum[:8])
		f.Fields["avatar_url"] = s.PublicURL + "/api/v1/contacts/" + t.contactID + "/avatar?v=" + version
		sealed = key.Seal(avatarPlace(t.contactID), picture)
	}
	_, err = s.Contacts.Enrich(ctx, sub, f, func(tx *storage.Tx, isOurs bool) error {
		if err := s.holds(tx, t, s.Clock.Now()); err != nil {
			return err
		}
		set, err := loadSettings(tx, t.workspaceID)
		if err == nil {
			err = s.mayLook(tx, sub, set)
		}
		if err == nil {
			_, err = providerBy(tx, t.workspaceID, t.providerID)
		}
		if err == nil && sealed != nil && isOurs {
			_, err = tx.Exec(upsertAvatar, t.workspaceID, t.contactID, t.providerID, version, sealed, now)
		} else if err == nil && !isOurs {
			_, err = tx.Exec(deleteAvatarOf, t.workspaceID, t.contactID, t.providerID)
		}
		if err == nil {
			err = s.noteKept(tx, t, name)
		}
		if err == nil {
			_, err = tx.Exec(noteFound, now, t.workspaceID, t.contactID, t.providerID)
		}
		if err == nil {
			_, err = tx.Exec(noteAnswer, now, t.workspaceID, t.providerID)
		}
		if err == nil {
			err = s.endIn(tx, t, OutcomeFound)
		}
		return err
	})
	return err
}

// attributes are what is kept as one, by the field that it is mapped to.
var attributes = map[string]string{"company": "company", "company_domain": "company_domain", "title": "job_title"}

func avatarPlace(row string) vault.Place {
	return vault.Place{Table: "enrich_avatars", Column: "image_sealed", Row: row}
}

// failed writes down that a question came to nothing, and when it is asked again.
func (s *Service) failed(ctx context.Context, t ticket, f *failure) error {
	now := s.Clock.Now()
	next := t.attempts + 1
	if f.block || f.code == "provider_pending" {
		next = t.attempts
	}
	wait := f.wait
	if wait == 0 && next-1 < int64(len(waits)) && next > 0 {
		wait = waits[next-1]
	}
	isOver := !f.again || next > int64(len(waits)) || now.Sub(clock.FromMicros(t.askedAt)) > givenUpAfter
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		var err error
		if f == errUnknown {
			_, err = tx.Exec(noteAnswer, clock.Micros(now), t.workspaceID, t.providerID)
		} else {
			_, err = tx.Exec(noteError, f.code, clock.Micros(now), t.workspaceID, t.providerID)
		}
		if err == nil && f.block {
			_, err = tx.Exec(block, clock.Micros(now.Add(wait)), t.workspaceID, t.providerID)
		}
		if err == nil {
			err = s.holds(tx, t, now)
		}
		if err == nil && f.gone() { // what the source does not say any more is not kept
			_, err = tx.Exec(markForget1, t.workspaceID, t.contactID, t.providerID)
		}
		if err == nil && isOver {
			return s.endIn(tx, t, f.code)
		}
		if err == nil {
			err = s.putIn(tx, t, next, now.Add(wait), f.code)
		}
		return err
	})
	if errors.Is(err, errDropped) {
		return nil
	}
	if f.gone() {
		signal(s.wake)
	}
	return err
}

func (s *Service) put(ctx context.Context, t ticket, attempts int64, next time.Time, why string) error {
	return s.DB.Write(ctx, func(tx *storage.Tx) error { return s.putIn(tx, t, attempts, next, why) })
}

func (s *Service) putIn(tx *storage.Tx, t ticket, attempts int64, next time.Time, why string) error {
	_, err := tx.Exec(postpone, attempts, clock.Micros(next), why, t.workspaceID, t.contactID, t.providerID, s.node)
	return err
}

func (s *Service) end(ctx context.Context, t ticket, outcome string) error {
	return s.DB.Write(ctx, func(tx *storage.Tx) error { return s.endIn(tx, t, outcome) })
}

func (s *Service) endIn(tx *storage.Tx, t ticket, outcome string) error {
	_, err := tx.Exec(finish, outcome, clock.Micros(s.Clock.Now()), t.workspaceID, t.contactID, t.providerID, s.node)
	return err
}

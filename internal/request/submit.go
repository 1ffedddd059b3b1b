package request

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// details are a request's words, sealed with the contact's key.
type details struct {
	Note    string            `json:"note,omitempty"`
	Changes map[string]string `json:"changes,omitempty"`
	Answer  string            `json:"answer,omitempty"`
	Longer  string            `json:"longer,omitempty"` // why it takes longer
	Link    string            `json:"link,omitempty"`   // the token of the request's own link
	Locale  string            `json:"locale,omitempty"`
}

func (d details) seal(key *vault.Key, id string) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, fault.Wrap("request.seal", err)
	}
	return key.Seal(place(id), plain), nil
}

func openDetails(key *vault.Key, r row) (d details, err error) {
	if r.details == nil {
		return d, nil
	}
	plain, err := key.Open(place(r.id), r.details)
	if err != nil {
		return d, fault.Wrap("open request "+r.id, err)
	}
	return d, json.Unmarshal(plain, &d)
}

// Submit files a request about a contact. The same thing that is asked for already
// and not answered yet is not filed twice: the open request is given. What is
// verified and needs nobody to look is carried out before Submit returns.
func (s *Service) Submit(ctx context.Context, n New) (Request, error) {
	const op = "request.Submit"
	a := actor.From(ctx)
	if err := n.validate(); err != nil {
		return Request{}, err
	}
	if n.Verified {
		if err := mayCarryOut(a, n.Kind); err != nil {
			return Request{}, err
		}
	}
	if err := s.knownPurpose(ctx, a.WorkspaceID, n.Purpose); err != nil {
		return Request{}, err
	}
	if err := s.aboutPerson(ctx, a, &n); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if wait := s.turns.Take(s.Clock.Now(), n.Kind+" "+n.ContactID); wait > 0 {
		return Request{}, fault.TooMany(wait, "This was asked for many times already. Wait a little, then ask again.")
	}
	ws, err := s.Workspaces.Get(ctx, a.WorkspaceID)
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	key, err := s.key(ctx, a.WorkspaceID, n.ContactID)
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	made, token := s.newRow(ws, a, n)
	if made.details, err = (details{Note: n.Note, Changes: n.Changes, Link: token, Locale: n.Locale}).seal(key, made.id); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	kept, err := s.file(ctx, ws, a, made, n.Locale, token)
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if kept.automatic {
		if err := s.process(ctx, kept.workspaceID, kept.id); err != nil {
			s.Logger.WarnContext(ctx, "a privacy request could not be answered at once; housekeeping tries again", "request", kept.id, "error", err)
		}
	}
	if kept, err = s.load(ctx, kept.workspaceID, kept.id); err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	out, err := s.show(ctx, kept)
	return out, fault.Wrap(op, err)
}

// aboutPerson has a request that names one of several merged contacts be about the
// person. A browser that proves no more than that it wrote something itself does not
// speak for the person then: what is theirs is more than was said in it.
func (s *Service) aboutPerson(ctx context.Context, a actor.Actor, n *New) error {
	var members []privacy.Member
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		members, err = contacts.Group(tx, a.WorkspaceID, n.ContactID)
		return err
	})
	if fault.Is(err, fault.KindNotFound) {
		return nil // said below, where it is looked for
	}
	if err != nil || len(members) == 1 {
		return err
	}
	n.ContactID = members[0].ContactID
	if n.Proof == BySession || n.Proof == "" && proofOf(a) == BySession {
		n.Verified, n.Proof = false, ""
	}
	return nil
}

// newRow gives the row of a new request, and the token of its link.
func (s *Service) newRow(ws workspace.Workspace, a actor.Actor, n New) (row, string) {
	now := s.Clock.Now()
	token, hash := newToken()
	r := row{workspaceID: ws.ID, id: s.IDs.New(id.Request), contactID: n.ContactID, kind: n.Kind, source: n.Source, state: Received,
		purpose: n.Purpose, actorType: string(a.Type), actorID: a.ID, linkHash: hash, portalID: n.portalID,
		days: ws.Settings.AnswerWithin(), received: now, update: now}
	if r.source == "" {
		r.source = sourceOf(a)
	}
	r.due, r.remind = dueAfter(now, r.days), nextMoment(now, dueAfter(now, r.days), 0)
	if n.Verified {
		r.state, r.verified, r.proof = Verified, now, n.Proof
		if r.proof == "" {
			r.proof = proofOf(a)
		}
		if r.proof == ByOperator || r.proof == ByKey {
			r.verifiedBy = a.ID
		}
		r.automatic = !ws.Settings.Reviews(n.Kind)
	}
	return r, token
}

// file stores a request with its event, its audit entries and its mail, or gives
// the one that is open for the same thing.
func (s *Service) file(ctx context.Context, ws workspace.Workspace, a actor.Actor, made row, locale, token string) (row, error) {
	letters, err := s.greeting(ctx, ws, made, locale, token)
	if err != nil {
		return row{}, err
	}
	var kept row
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		kept = made
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: made.workspaceID, ContactID: made.contactID}); err != nil {
			return err
		}
		if err := contacts.Exists(tx, made.workspaceID, made.contactID); err != nil {
			return err
		}
		if made.kind != Rectification { // corrections differ from each other
			open, is, err := openAlike(tx, made.workspaceID, made.contactID, made.kind, made.purpose)
			if err != nil {
				return err
			}
			if is {
				kept = open
				return s.again(tx, &kept, made, a)
			}
			if open, is, err = s.answeredAlike(tx, made); err != nil || is {
				kept = open
				return err
			}
		}
		if err := insertRow(tx, made); err != nil {
			return err
		}
		if err := s.record(tx, made, a, "received", live.PrivacyRequestCreated, map[string]string{"source": made.source}); err != nil {
			return err
		}
		if made.state == Verified {
			if err := s.record(tx, made, a, "verified", "", map[string]string{"proof": made.proof}); err != nil {
				return err
			}
		}
		return letters.queue(tx)
	})
	return kept, err
}

// downloadAgain is within how long a download counts as the one before it: pressing
// the button twice is no second request, with mails of its own.
const downloadAgain = 10 * time.Minute

// answeredAlike gives the request that a download belongs to, where the same person
// fetched the same a moment ago.
func (s *Service) answeredAlike(tx *storage.Tx, made row) (row, bool, error) {
	own := made.source == FromPortal || made.source == FromWidget
	if !own || made.state != Verified || made.kind != Access && made.kind != Portability {
		return row{}, false, nil
	}
	return oneRow(tx.QueryRow(selectAnsweredAlike, made.workspaceID, made.contactID, made.kind, clock.Micros(made.received.Add(-downloadAgain))))
}

// again is the same request asked once more: if it comes with proof and the open one
// had none, it is proven now.
func (s *Service) again(tx *storage.Tx, open *row, made row, a actor.Actor) error {
	if open.state != Received || made.state != Verified {
		return nil
	}
	open.state, open.verified, open.proof, open.verifiedBy, open.automatic = Verified, made.verified, made.proof, made.verifiedBy, made.automatic
	if err := saveRow(tx, *open, s.Clock.Now()); err != nil {
		return err
	}
	return s.record(tx, *open, a, "verified", "", map[string]string{"proof": open.proof})
}

// knownPurpose refuses an objection to what the workspace does not do.
func (s *Service) knownPurpose(ctx context.Context, workspaceID, purpose string) error {
	if purpose == "" {
		return nil
	}
	purposes, err := s.Privacy.Purposes(ctx, workspaceID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(purposes, func(p privacy.Purpose) bool { return p.Key == purpose }) {
		return fault.Invalid("purpose", "is not a purpose of this workspace")
	}
	return nil
}

func sourceOf(a actor.Actor) string {
	switch a.Type {
	case actor.Operator:
		return FromOperator
	case actor.Contact:
		return FromWidget
	}
	return FromAPI
}

func proofOf(a actor.Actor) string {
	switch a.Type {
	case actor.Operator:
		return ByOperator
	case actor.APIKey:
		return ByKey
	}
	return BySession
}

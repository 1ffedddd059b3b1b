package request

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Change is what whoever works on a request does with it.
type Change struct {
	State  string `json:"state" enum:"verified,in_progress,completed,refused" doc:"verified: you vouch for who asks. in_progress: you take it on. completed: carries it out. refused: says no, for a reason."`
	Reason string `json:"reason,omitempty" enum:"identity_not_proven,manifestly_unfounded,excessive,legal_hold,legal_obligation,legal_claims,rights_of_others,overriding_grounds,accurate_already,nothing_held,other" doc:"Needed to refuse."`
	Text   string `json:"text,omitempty" maxLength:"4000" doc:"What you tell the person; needed where the reason is other."`
}

func (c Change) validate() error {
	switch {
	case !slices.Contains([]string{Verified, InProgress, Completed, Refused}, c.State):
		return fault.Invalid("state", "must be verified, in_progress, completed or refused")
	case c.State == Refused && !slices.Contains(Reasons(), c.Reason):
		return fault.Invalid("reason", "must be one of "+strings.Join(Reasons(), ", "))
	case c.State != Refused && c.Reason != "":
		return fault.Invalid("reason", "is for a refusal alone")
	case c.Reason == Other && c.Text == "":
		return fault.Invalid("text", "must say why: the person has a right to the reasons (GDPR article 12(4))")
	case utf8.RuneCountInString(c.Text) > maxNote || strings.ContainsRune(c.Text, 0):
		return fault.Invalid("text", "is too long or holds null characters")
	}
	return nil
}

// Change moves a request on: vouches for it, takes it on, carries it out, or
// refuses it. Check, if not nil, is asked whether the version that is there may be
// changed.
func (s *Service) Change(ctx context.Context, id string, c Change, check func(updated time.Time) error) (Request, error) {
	const op = "request.Change"
	c.Text = strings.TrimSpace(c.Text)
	if err := c.validate(); err != nil {
		return Request{}, err
	}
	a := actor.From(ctx)
	r, err := s.load(ctx, a.WorkspaceID, id)
	if err == nil && check != nil {
		err = check(r.update)
	}
	if err == nil && !r.isOpen() {
		err = closed()
	}
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	if c.State == Verified || c.State == Completed {
		if err := mayCarryOut(a, r.kind); err != nil {
			return Request{}, err
		}
	}
	switch c.State {
	case Verified:
		r, err = s.vouch(ctx, r, proofOf(a), a.ID)
	case InProgress:
		r, err = s.begin(ctx, r)
	case Completed:
		r, err = s.complete(ctx, r, c.Text)
	case Refused:
		r, err = s.finish(ctx, r.workspaceID, r.id, Refused, c.Reason, c.Text)
	}
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	out, err := s.show(ctx, r)
	return out, fault.Wrap(op, err)
}

// mayCarryOut refuses an operator or key to have something done by a request that
// they may not do without one.
func mayCarryOut(a actor.Actor, kind string) error {
	needed := map[string]string{Erasure: "contacts:erase", Rectification: "contacts:write"}[kind]
	if !privacy.WorksForCustomer(a) || needed == "" || a.Can(needed) {
		return nil
	}
	return fault.Forbidden(needed)
}

// vouch notes that identity is proven, and has the machine answer what it may.
func (s *Service) vouch(ctx context.Context, r row, proof, by string) (row, error) {
	ws, err := s.Workspaces.Get(ctx, r.workspaceID)
	if err != nil {
		return r, err
	}
	automatic := false
	err = s.edit(ctx, r, func(tx *storage.Tx, r *row) error {
		if r.state != Received {
			return nil
		}
		r.state, r.verified, r.proof, r.verifiedBy = Verified, s.Clock.Now(), proof, by
		r.automatic = !ws.Settings.Reviews(r.kind)
		automatic = r.automatic
		return s.record(tx, *r, actor.From(ctx), "verified", "", map[string]string{"proof": proof})
	})
	if err == nil && automatic {
		err = s.process(ctx, r.workspaceID, r.id)
	}
	if err != nil {
		return r, err
	}
	return s.load(ctx, r.workspaceID, r.id)
}

// begin notes who works on a request.
func (s *Service) begin(ctx context.Context, r row) (row, error) {
	a := actor.From(ctx)
	err := s.edit(ctx, r, func(tx *storage.Tx, r *row) error {
		if r.state == Received {
			return notProven()
		}
		r.state, r.handlerID = InProgress, a.ID
		if r.started.IsZero() {
			r.started = s.Clock.Now()
		}
		return s.record(tx, *r, a, "started", "", nil)
	})
	if err != nil {
		return r, err
	}
	return s.load(ctx, r.workspaceID, r.id)
}

func notProven() error {
	return fault.Conflict("identity_not_proven", "It is not proven yet that this person asks. Vouch for them first, or wait until they open their link.")
}

// complete carries a request out as the context's actor.
func (s *Service) complete(ctx context.Context, r row, answer string) (row, error) {
	if r.state == Received {
		return r, notProven()
	}
	d, err := s.words(ctx, r)
	if err != nil {
		return r, err
	}
	if r.kind == Rectification {
		if len(d.Changes) > 0 {
			err = s.correct(ctx, r, d)
		}
	} else {
		err = s.act(ctx, r, d)
	}
	if err != nil {
		return r, err
	}
	return s.finish(ctx, r.workspaceID, r.id, Completed, "", answer)
}

package boardsite

import (
	"context"
	"net/http"
	"slices"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/fault"
)

// mePage is what somebody sees of themselves.
type meView struct {
	boards.Own
	Refused  []boards.Refusal
	Address  string
	Sessions []boards.Session
	Always   bool // told of everything that they take part in
	Said     string
}

func (s *Site) me(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.person == nil {
		v.to(w, "/sign-in", "next", "/me")
		return nil
	}
	var d meView
	var err error
	g, ctx := v.person.Guest, r.Context()
	if s.Boards.MayRead(ctx, &v.board, v.contactID()) == nil {
		if d.Own, err = s.Boards.Own(ctx, g, v.board.ID); err != nil {
			return err
		}
		if d.Refused, err = s.Boards.Refusals(ctx, g, v.board.ID); err != nil {
			return err
		}
	}
	if d.Address, err = s.Boards.AddressOf(ctx, g); err != nil {
		return err
	}
	if d.Sessions, err = s.Boards.Sessions(ctx, g); err != nil {
		return err
	}
	if d.Always, err = s.Boards.Follows(ctx, v.ws.ID, g.ContactID); err != nil {
		return err
	}
	if said := v.query.Get("said"); slices.Contains([]string{"waits", "removed", "saved"}, said) {
		d.Said = said
	}
	w.Header().Set("Cache-Control", "no-store")
	s.render(ctx, w, http.StatusOK, mePage(v, d))
	return nil
}

// decide takes what somebody decides on their own page.
func (s *Site) decide(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.person == nil {
		return signInFirst()
	}
	var err error
	switch r.PostFormValue("do") {
	case "always":
		on := r.PostFormValue("always") == "yes"
		err = s.act(r, v, s.paces.votes, func(ctx context.Context) error { return s.Boards.SetFollows(ctx, on) })
	case "revoke":
		err = s.Boards.Revoke(r.Context(), v.person.Guest, r.PostFormValue("session"))
	default:
		err = fault.Malformed("The form asks for nothing that there is.")
	}
	if err != nil {
		return err
	}
	v.to(w, "/me", "said", "saved")
	return nil
}

// unsubscribePage shows a button: programs that look into mails follow links.
func (s *Site) unsubscribePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.render(r.Context(), w, http.StatusOK, unsubscribeAsk(v))
	return nil
}

// unsubscribe ends a subscription. Whoever has the mail may: mail programs send this
// without a cookie, and from elsewhere (RFC 8058).
func (s *Site) unsubscribe(w http.ResponseWriter, r *http.Request, v *visit) error {
	w.Header().Set("Cache-Control", "no-store")
	if len(r.PathValue("token")) <= 64 {
		if err := s.Boards.Unsubscribe(r.Context(), v.ws.ID, r.PathValue("token")); err != nil {
			return err
		}
	}
	s.render(r.Context(), w, http.StatusOK, unsubscribed(v))
	return nil
}

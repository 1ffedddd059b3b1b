package pages

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
)

// heldPage is a page about what is held: the list of sections, or a piece of one.
type heldPage struct {
	ContactID string
	Chapters  []export.Chapter // of the list
	Section   string           // of a piece
	Title     string
	Piece     export.Piece
	From      int
}

// held shows what is held about one contact: how much there is of each sort, and
// each sort page by page, so that none is heavy however long somebody has been here.
func (p *Pages) held(w http.ResponseWriter, r *http.Request, v *visit) error {
	h, err := v.contact(r.URL.Query().Get("contact"))
	if err != nil {
		return err
	}
	one := *v.person
	one.Contacts = []request.Held{h}
	ready, err := p.isReady(r.Context(), v, one, request.Access)
	if err != nil {
		return err
	}
	if !ready {
		return fault.Conflict("not_ready", "Somebody looks at this first.")
	}
	as, err := v.person.As(r.Context(), h.ID)
	if err != nil {
		return err
	}
	d := heldPage{ContactID: h.ID, Section: r.URL.Query().Get("section")}
	sub := privacy.Subject{WorkspaceID: v.ws.ID, ContactID: h.ID}
	if d.Section == "" {
		d.Chapters, err = p.Exports.Contents(as, sub, v.Lang)
	} else {
		d.From, _ = strconv.Atoi(r.URL.Query().Get("from")) // what is no number is the beginning
		d.Title = export.SectionName(v.Lang, d.Section)
		d.Piece, err = p.Exports.Read(as, sub, v.Lang, d.Section, d.From)
	}
	if err != nil {
		return err
	}
	p.render(r.Context(), w, portalHeld(v, d))
	return nil
}

// isReady tells whether the person may have an export of a kind now: where the
// workspace looks at such requests first, once it answered one about each contact.
func (p *Pages) isReady(ctx context.Context, v *visit, person request.Person, kind string) (bool, error) {
	if !v.ws.Settings.Reviews(kind) {
		return true, nil
	}
	own, err := p.Requests.Own(ctx, person)
	if err != nil {
		return false, err
	}
	for _, c := range person.Contacts {
		if !slices.ContainsFunc(own, func(r request.Request) bool {
			return r.Kind == kind && r.State == request.Completed && r.ContactID != nil && *r.ContactID == c.ID
		}) {
			return false, nil
		}
	}
	return true, nil
}

// file answers an access or portability request with its archive, or says by when
// it is answered where the workspace looks first.
func (p *Pages) file(w http.ResponseWriter, r *http.Request, v *visit) error {
	kind := r.PostFormValue("kind")
	if kind != request.Portability {
		kind = request.Access
	}
	looks := v.ws.Settings.Reviews(kind)
	ready, err := p.isReady(r.Context(), v, *v.person, kind)
	if err == nil && (!looks || !ready) {
		_, err = p.Requests.Ask(r.Context(), *v.person, request.New{Kind: kind, Locale: v.Lang})
	}
	if err != nil {
		return err
	}
	if !ready {
		v.to(w, "/me/requests", "done", "request")
		return nil
	}
	h := w.Header()
	to := &firstByte{w: w, before: func() {
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="`+v.ws.Slug+`-`+kind+`.zip"`)
	}}
	err = p.Requests.Download(r.Context(), *v.person, kind, v.Lang, to)
	if err != nil && to.begun {
		p.Logger.WarnContext(r.Context(), "an archive was not sent whole", "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return err
}

// firstByte sets the headers of a file when its first byte is there, so that what
// fails before can still be told.
type firstByte struct {
	w      http.ResponseWriter
	before func()
	begun  bool
}

func (f *firstByte) Write(b []byte) (int, error) {
	if !f.begun {
		f.begun = true
		f.before()
	}
	return f.w.Write(b)
}

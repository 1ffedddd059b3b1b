package widget

import (
	"context"
	"net/http"
	"strings"

	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/workspace"
)

type browserKey struct{}

// browserOf reads what a request tells of its browser. Nothing of it is kept by
// that. Widget-Page holds the page, the page before and the time zone, apart by
// spaces; a "-" stands for what the workspace did not ask for.
func browserOf(r *http.Request) contacts.Browser {
	b := contacts.Browser{Network: workspace.NetworkFrom(r.Context()), UserAgent: r.UserAgent(), AcceptLanguage: r.Header.Get("Accept-Language")}
	for i, word := range strings.SplitN(r.Header.Get("Widget-Page"), " ", 4) {
		switch i {
		case 0:
			b.Page = word
		case 1:
			b.Referrer = word
		case 2:
			b.TimeZone = word
		}
	}
	return b
}

// noteBrowser keeps what the workspace switched on of the browser in which somebody
// has just done something on purpose: of nobody who is a child, or may be one where ages
// are asked for. It never fails the act, which stands already.
func (s *Service) noteBrowser(ctx context.Context, v session) {
	ws, err := s.Workspaces.Get(ctx, v.WorkspaceID)
	if err == nil && len(ws.Settings.Technical.On()) > 0 {
		if v.Age == children.Child || ws.Settings.AgeGate && v.Age != children.OfAge {
			return
		}
		b, _ := ctx.Value(browserKey{}).(contacts.Browser)
		err = s.Contacts.NoteBrowser(ctx, v.ContactID, b, ws.Settings.Technical)
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "technical data was not kept", "contact", v.ContactID, "error", err)
	}
}

// asks names what the widget is to send with what somebody does: page, referrer,
// time zone, in this order; "" for none.
func asks(t workspace.Technical) string {
	out := ""
	for _, f := range []struct {
		on   bool
		name string
	}{{t.Page, "p"}, {t.Referrer, "r"}, {t.Place, "z"}} {
		if f.on {
			out += f.name
		}
	}
	return out
}

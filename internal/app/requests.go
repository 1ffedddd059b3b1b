package app

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/storage"
)

// wireRequests makes what answers people's requests, with the other parts that it
// needs.
func (s *System) wireRequests() {
	s.Requests = request.NewService(request.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Outbox: s.Outbox, Privacy: s.Privacy,
		Contacts: s.Contacts, Workspaces: s.Workspaces, Exports: s.Export, Clock: s.Clock, IDs: id.System{}, Logger: s.log, PublicURL: s.cfg.PublicURL,
		Names: s.names, Officers: s.officers, Mail: s.requestMail, Restrict: s.Privacy.Restrict, Object: s.Privacy.Object, Rectify: s.Contacts.Rectify})
}

// requestMail seals a mail about a request and gives what queues it.
func (s *System) requestMail(ctx context.Context, l request.Letter) (func(tx *storage.Tx) error, error) {
	d, err := s.Mail.Prepare(ctx, mail.Message{WorkspaceID: l.WorkspaceID, ContactID: l.ContactID, OperatorID: l.OperatorID, Address: l.Address,
		Name: l.Name, Locale: l.Locale, Template: l.Template, Values: l.Values, Key: l.Key, Expires: l.Expires})
	return func(tx *storage.Tx) error { return s.Mail.Queue(tx, d) }, err
}

// officers gives who is told when requests fall due: owners and privacy officers.
func (s *System) officers(ctx context.Context, workspaceID string) ([]request.Officer, error) {
	found, err := s.Workspaces.Officers(ctx, workspaceID)
	out := make([]request.Officer, len(found))
	for i, o := range found {
		out[i] = request.Officer{ID: o.ID, Name: o.Name, Address: o.Email}
	}
	return out, err
}

// sendLinks has the links that were asked for sent, every second: by the clock and
// not by the asking, so that the one tells nothing about the other.
func (s *System) sendLinks(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := s.Requests.SendLinks(ctx, batch); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "links could not be sent", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

package request

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// exportable gives an access or portability request whose answer may be fetched.
func (s *Service) exportable(ctx context.Context, id string) (row, error) {
	a := actor.From(ctx)
	r, err := s.load(ctx, a.WorkspaceID, id)
	switch {
	case err != nil:
		return r, err
	case a.Type == actor.Contact && r.contactID != a.ID:
		return r, fault.NotFound("request")
	case a.Type != actor.Contact && !a.Can("contacts:read"):
		return r, fault.Forbidden("contacts:read")
	case a.Type != actor.Contact && !a.Can("inbox:read"):
		return r, fault.Forbidden("inbox:read")
	case r.kind != Access && r.kind != Portability:
		return r, fault.Conflict("not_ready", "Only an access or portability request is answered with an export.")
	case r.contactID == "":
		return r, fault.Gone("subject_erased", "This person's data was erased; there is nothing to export any more.")
	case r.state == Received || r.state == Refused || r.state == Withdrawn,
		a.Type == actor.Contact && r.state != Completed: // where the workspace looks first, it does
		return r, fault.Conflict("not_ready", "There is no export of a request that is unproven, refused or withdrawn, or that somebody looks at first.")
	}
	if a.Type == actor.Contact && !a.SignedIn {
		several, err := s.isSeveral(ctx, r)
		if err == nil && several { // since they were merged there is more than this browser has proven to be theirs
			err = fault.Conflict("not_ready", "This person is known under more than what was said here. Ask again through the privacy page, by a link to your address.")
		}
		return r, err
	}
	return r, nil
}

// isSeveral tells whether a request's person is several contacts.
func (s *Service) isSeveral(ctx context.Context, r row) (several bool, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		members, err := contacts.Group(tx, r.workspaceID, r.contactID)
		several = len(members) > 1
		if fault.Is(err, fault.KindNotFound) {
			err = nil
		}
		return err
	})
	return several, err
}

// Fetch writes the archive that answers an access or portability request. It is
// written anew each time, and noted in the audit log. Close it.
func (s *Service) Fetch(ctx context.Context, id string) (*export.Archive, error) {
	r, err := s.exportable(ctx, id)
	if err != nil {
		return nil, fault.Wrap("request.Fetch", err)
	}
	d, err := s.words(ctx, r)
	if err != nil {
		return nil, fault.Wrap("request.Fetch", err)
	}
	a, err := s.Exports.Open(ctx, privacy.Subject{WorkspaceID: r.workspaceID, ContactID: r.contactID}, export.Options{Kind: r.kind, Locale: d.Locale})
	return a, fault.Wrap("request.Fetch", err)
}

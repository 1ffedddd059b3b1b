package app

import (
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/retention"
	"github.com/botimum/botimum/internal/storage"
)

// wireRetention makes what ends things in their time. The domains say by SQL
// conditions whom it leaves alone.
func (s *System) wireRetention() {
	s.Retention = retention.New(retention.Deps{DB: s.DB, Privacy: s.Privacy, Audit: s.Audit, Clock: s.Clock, IDs: id.System{}, Logger: s.log,
		Workspaces: s.Workspaces.AllIDs, People: idlePeople,
		Busy: []func(since int64) string{inbox.KeepsContact, request.KeepsContact, boards.KeepsContact},
	})
	s.Privacy.TermsFrom(s.Retention.Terms)
}

// idlePeople is what contacts know of who does not come any more.
var idlePeople = retention.People{
	Idle:  contacts.Idle,
	Still: contacts.IsIdle,
	After: func(tx *storage.Tx, r privacy.Rule, after retention.Place) ([]string, retention.Place, error) {
		found, err := contacts.IdleContacts(tx, r, contacts.IdleAt(after))
		ids := make([]string, len(found))
		for i, at := range found {
			ids[i], after = at.ID, retention.Place(at)
		}
		return ids, after, err
	},
}

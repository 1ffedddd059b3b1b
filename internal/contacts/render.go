package contacts

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// Render gives the data of contact events for the live stream: the contact as it
// is now, and which fields changed. Of somebody erased only the id is left; of
// somebody restricted, that they are. Visitors are told nothing: they know themselves.
func (s *Service) Render(ctx context.Context, events []live.Event) (operator, contact [][]byte, err error) {
	operator, contact = make([][]byte, len(events)), make([][]byte, len(events))
	for i, e := range events {
		data := map[string]any{"contact_id": e.ContactID}
		if fields := e.Details["fields"]; fields != "" {
			data["fields"] = strings.Split(fields, ",")
		}
		for _, name := range []string{"merged_id", "merge_id"} {
			if id := e.Details[name]; id != "" {
				data[name] = id
			}
		}
		if e.Type == live.ContactTracked { // often, and about none of the profile
			data["event_id"] = e.ObjectID
		} else if e.Type != live.ContactErased {
			c, err := s.present(ctx, e.WorkspaceID, e.ContactID)
			if err != nil {
				return nil, nil, err
			}
			switch {
			case c != nil && c.RestrictedAt != nil:
				data["restricted_at"] = c.RestrictedAt
			case c != nil:
				data["contact"] = c
			}
		}
		if operator[i], err = json.Marshal(data); err != nil {
			return nil, nil, err
		}
	}
	return operator, contact, nil
}

// present gives a contact, or nil if there is none any more.
func (s *Service) present(ctx context.Context, workspaceID, contactID string) (*Contact, error) {
	var records []record
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		r, err := loadByID(tx, workspaceID, contactID)
		if err == nil {
			records = []record{r}
		}
		if fault.Is(err, fault.KindNotFound) {
			records, err = nil, nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	opened, err := s.openAll(ctx, workspaceID, records)
	if err != nil || len(opened) == 0 {
		return nil, err
	}
	return &opened[0], nil
}

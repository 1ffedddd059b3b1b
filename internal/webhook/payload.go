package webhook

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// payload gives what is sent for a delivery, made this moment. Bare says that it
// holds ids alone. Not found says that the event is no longer kept.
func (s *Service) payload(ctx context.Context, to address, t task) (body []byte, bare bool, err error) {
	e, mark, err := s.standing(ctx, to, t)
	if err != nil {
		return nil, false, err
	}
	var data map[string]any
	if mark != "" {
		data, bare = ids(e, mark), true
	} else if data, err = s.opened(ctx, to, e); err != nil {
		return nil, false, err
	}
	if fields := e.Details["fields"]; fields != "" && mark != "erased" {
		data["fields"] = strings.Split(fields, ",") // which changed: a recipient learns of a rectification (GDPR article 19)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, false, err
	}
	body, err = e.Envelope(raw)
	return body, bare, err
}

// standing gives the event, and why it may be told by its ids alone: the person
// was erased, or their data is restricted; empty if it may be told whole.
func (s *Service) standing(ctx context.Context, to address, t task) (e live.Event, mark string, err error) {
	var st privacy.Standing
	sub := t.subject(to.workspaceID)
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if e, err = live.At(tx, to.workspaceID, t.sequence); err != nil || t.contactID == "" {
			return err
		}
		st, err = s.People.Standing(tx, sub)
		if fault.Is(err, fault.KindNotFound) {
			st, err = privacy.Standing{}, nil // erased, or made one with somebody else
		}
		return err
	})
	if err != nil || t.contactID == "" {
		return e, "", err
	}
	erased := e.Type == live.ContactErased
	if !erased {
		if erased, err = s.Privacy.IsGone(ctx, sub); err != nil {
			return e, "", err
		}
	}
	switch {
	case erased:
		mark = "erased"
	case st.IsRestricted():
		mark = "restricted"
	}
	return e, mark, nil
}

// opened gives an event's data as a stream would tell it, and notes who was shown.
func (s *Service) opened(ctx context.Context, to address, e live.Event) (map[string]any, error) {
	raw, err := s.Hub.Data(ctx, e)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{} // as they are: numbers are not read
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	data := make(map[string]any, len(fields))
	for name, value := range fields {
		data[name] = value
	}
	if e.ContactID != "" { // before the bytes leave
		as := actor.Actor{Type: actor.System, ID: to.id, WorkspaceID: to.workspaceID}
		s.Audit.Access(actor.With(ctx, as), []string{e.ContactID}, "webhook")
	}
	return data, nil
}

// ids gives the data of an event as ids, with a mark that says why.
func ids(e live.Event, mark string) map[string]any {
	data := map[string]any{mark: true}
	object := "object_id"
	if e.Type == live.ContactErased {
		object = "receipt_id"
	}
	for name, id := range map[string]string{"contact_id": e.ContactID, "conversation_id": e.ConversationID, object: e.ObjectID} {
		if id != "" {
			data[name] = id
		}
	}
	return data
}

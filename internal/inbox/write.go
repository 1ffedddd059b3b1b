package inbox

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// draft is a message that is sealed and ready to be stored.
type draft struct {
	workspaceID    string
	conversationID string
	contactID      string
	message        Message
	author         actor.Actor
	body, preview  []byte
	sensitive      any // sealed bytes, or nil
	tokens         [][]byte
}

// prepare masks what is not to be stored and seals the message with the contact's
// key, outside of the transaction. The original goes no further than here.
func (s *Service) prepare(ctx context.Context, key *vault.Key, conversationID, contactID string, m NewMessage) (*draft, error) {
	a := actor.From(ctx)
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	checked, err := s.checked(ctx, a.WorkspaceID, m.Body)
	if err != nil {
		return nil, err
	}
	m.Body = checked.Text
	d := &draft{workspaceID: a.WorkspaceID, conversationID: conversationID, contactID: contactID, author: a,
		tokens: ix.Words(sensitive.Without(m.Body, checked.Found))}
	d.message = Message{ID: s.IDs.New(id.Message), ConversationID: conversationID, Type: m.Type, Author: a.Ref(), Body: m.Body,
		ClientID: m.ClientID, Attachments: []string{}, CreatedAt: s.Clock.Now(), contactID: contactID}
	d.message.Author.Name = a.Name
	d.body = key.Seal(bodyPlace(d.message.ID), []byte(m.Body))
	if d.message.Sensitive = sensitiveOf(checked); d.message.Sensitive != nil {
		if d.sensitive, err = sealSensitive(key, d.message.ID, d.message.Sensitive); err != nil {
			return nil, err
		}
	}
	if m.Type == TypeReply {
		d.preview = key.Seal(place("preview_sealed", conversationID), []byte(preview(m.Body)))
	}
	return d, nil
}

// insert stores the message, moves its conversation, and appends event and words.
func (s *Service) insert(tx *storage.Tx, d *draft) error {
	var client any
	if d.message.ClientID != "" {
		client = d.message.ClientID
	}
	at, m := clock.Micros(d.message.CreatedAt), d.message
	_, err := tx.Exec(insertMessage, d.workspaceID, d.conversationID, m.ID, d.contactID, string(m.Author.Type), m.Author.ID, m.Type, d.body, client, at, d.sensitive)
	if err != nil {
		return err
	}
	var moved int64
	switch {
	case m.Type == TypeNote:
		moved, err = tx.Exec(updateByNote, at, d.workspaceID, d.conversationID, d.contactID)
	case d.author.Type == actor.Contact:
		moved, err = tx.Exec(updateByContact, at, m.ID, string(m.Author.Type), d.preview, d.workspaceID, d.conversationID, d.contactID)
	default:
		moved, err = tx.Exec(updateByOperator, at, m.ID, string(m.Author.Type), d.preview, d.workspaceID, d.conversationID, d.contactID)
	}
	if err != nil {
		return err
	}
	if moved == 0 {
		return fault.NotFound("conversation") // erased, or somebody else's, since it was looked up
	}
	s.Outbox.Append(tx, live.Event{Type: live.MessageCreated, WorkspaceID: d.workspaceID, OccurredAt: m.CreatedAt, ActorType: d.author.Type,
		ActorID: d.author.ID, ContactID: d.contactID, ConversationID: d.conversationID, ObjectID: m.ID, Details: map[string]string{"type": m.Type}})
	return s.Search.Add(tx, search.Document{WorkspaceID: d.workspaceID, Kind: kindMessage, ID: m.ID, ParentID: d.conversationID,
		ContactID: d.contactID, Tokens: d.tokens, At: m.CreatedAt})
}

// Post writes a message into a conversation. Repeated says that the same client
// id was there already: the stored message is given and nothing changes.
func (s *Service) Post(ctx context.Context, conversationID string, m NewMessage) (out Message, repeated bool, err error) {
	a := actor.From(ctx)
	if m, err = m.Validate(); err != nil {
		return Message{}, false, err
	}
	if a.Type == actor.Contact && m.Type == TypeNote {
		return Message{}, false, fault.Invalid("type", "must be reply")
	}
	k := ownedKey{a.WorkspaceID, conversationID}
	contactID, known := s.owners.get(k)
	if known && (a.Type != actor.Contact || contactID == a.ID) {
		out, repeated, err = s.postTo(ctx, a, conversationID, contactID, m)
		if !fault.Is(err, fault.KindNotFound) {
			return out, repeated, fault.Wrap("inbox.Post", err)
		}
		s.owners.forget(k)
	}
	if contactID, err = s.headOf(ctx, a, conversationID); err != nil {
		return Message{}, false, fault.Wrap("inbox.Post", err)
	}
	s.owners.put(k, contactID)
	out, repeated, err = s.postTo(ctx, a, conversationID, contactID, m)
	return out, repeated, fault.Wrap("inbox.Post", err)
}

// postTo writes a valid message into a contact's conversation; not found if it is
// not theirs, or not there.
func (s *Service) postTo(ctx context.Context, a actor.Actor, conversationID, contactID string, m NewMessage) (out Message, repeated bool, err error) {
	key, err := s.keyOf(ctx, a.WorkspaceID, contactID)
	if err != nil {
		return Message{}, false, err
	}
	d, err := s.prepare(ctx, key, conversationID, contactID, m)
	if err != nil {
		return Message{}, false, err
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := s.mayWrite(ctx, tx, a, contactID); err != nil {
			return err
		}
		reopens, err := s.reopens(tx, a, conversationID)
		if err != nil {
			return err
		}
		if err := s.insert(tx, d); err != nil {
			return err
		}
		if reopens {
			s.changed(tx, a, live.ConversationReopened, conversationID, contactID, StateOpen, d.message.CreatedAt)
		}
		return nil
	})
	if storage.IsUnique(err) && m.ClientID != "" {
		if out, err = s.byClientID(ctx, a, contactID, m.ClientID); err == nil && out.ConversationID != conversationID {
			err = fault.Conflict("client_id_taken", "This client_id belongs to a message in another conversation. Use a new one.")
		}
		if err != nil {
			return Message{}, false, err
		}
		return out, true, nil
	}
	return d.message, false, err
}

// reopens tells whether the actor's message opens a conversation that is not open.
// A contact's does. Nobody changes the state meanwhile.
func (s *Service) reopens(tx *storage.Tx, a actor.Actor, conversationID string) (bool, error) {
	if a.Type != actor.Contact {
		return false, nil
	}
	if err := lock(tx, conversationID); err != nil {
		return false, err
	}
	var state string
	err := tx.QueryRow(`SELECT state FROM conversations WHERE workspace_id = $1 AND id = $2`, a.WorkspaceID, conversationID).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return false, fault.NotFound("conversation")
	}
	return state != StateOpen, err
}

// lock has whoever changes a conversation's state wait for each other.
func lock(tx *storage.Tx, conversationID string) error {
	return tx.Lock("conversation " + conversationID)
}

const selectOwner = `SELECT contact_id FROM conversations WHERE workspace_id = $1 AND id = $2`

// headOf gives whose conversation it is, if the actor may write there.
func (s *Service) headOf(ctx context.Context, a actor.Actor, conversationID string) (contactID string, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		err := tx.QueryRow(selectOwner, a.WorkspaceID, conversationID).Scan(&contactID)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("conversation")
		}
		if err != nil {
			return err
		}
		isTheirs, err := isTheirs(tx, a, contactID)
		if err == nil && !isTheirs {
			err = fault.NotFound("conversation")
		}
		return err
	})
	return contactID, err
}

// keyOf gives a contact's key; a key that is gone means that nobody is there.
func (s *Service) keyOf(ctx context.Context, workspaceID, contactID string) (*vault.Key, error) {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: contactID})
	if fault.Is(err, fault.KindGone) {
		return nil, fault.NotFound("conversation")
	}
	return key, err
}

// byClientID gives the message that the same author wrote under the same client id.
func (s *Service) byClientID(ctx context.Context, a actor.Actor, contactID, client string) (Message, error) {
	var sealed sealedMessage
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		sealed, err = scanMessage(tx.QueryRow(selectByClientID, a.WorkspaceID, contactID, string(a.Type), a.ID, client))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("message")
		}
		return err
	})
	if err != nil {
		return Message{}, err
	}
	key, err := s.keyOf(ctx, a.WorkspaceID, contactID)
	if err != nil {
		return Message{}, err
	}
	return sealed.open(key)
}

// Opening is what is needed to start a conversation.
type Opening struct {
	ContactID string
	// Draft, if not nil, is the contact, who comes to be in the same transaction.
	Draft   *contacts.Draft
	Subject string
	Channel string
	NewMessage
}

// Start begins a conversation with a first message. Repeated says that the same
// client id was there already: what it began then is given.
func (s *Service) Start(ctx context.Context, o Opening) (c Conversation, m Message, repeated bool, err error) {
	a := actor.From(ctx)
	if o.NewMessage, err = o.Validate(); err != nil {
		return c, m, false, err
	}
	if o.Type == TypeNote {
		return c, m, false, fault.Invalid("type", "must be reply; a conversation starts with what the contact can read")
	}
	if err := checkSubject(o.Subject); err != nil {
		return c, m, false, err
	}
	if a.Type != actor.Contact { // a person who was merged is written to as their survivor
		if o.ContactID, err = s.Contacts.SurvivorOf(ctx, a.WorkspaceID, o.ContactID); err != nil {
			return c, m, false, fault.Wrap("inbox.Start", err)
		}
	}
	key, err := s.openingKey(ctx, a, o)
	if err != nil {
		return c, m, false, fault.Wrap("inbox.Start", err)
	}
	conversationID := s.IDs.New(id.Conversation)
	d, err := s.prepare(ctx, key, conversationID, o.ContactID, o.NewMessage)
	if err != nil {
		return c, m, false, fault.Wrap("inbox.Start", err)
	}
	var subject any
	if o.Subject != "" {
		checked, err := s.checked(ctx, a.WorkspaceID, o.Subject)
		if err != nil {
			return c, m, false, fault.Wrap("inbox.Start", err)
		}
		o.Subject = checked.Text
		subject = key.Seal(place("subject_sealed", conversationID), []byte(o.Subject))
		d.tokens = append(d.tokens, s.subjectTokens(ctx, a.WorkspaceID, sensitive.Without(o.Subject, checked.Found))...)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error { return s.insertOpening(ctx, tx, a, o, d, subject) })
	if storage.IsUnique(err) && o.ClientID != "" {
		if m, err = s.byClientID(ctx, a, o.ContactID, o.ClientID); err == nil {
			c, err = s.get(ctx, m.ConversationID)
		}
		if err == nil {
			s.accessed(ctx, []Conversation{c}, "conversation")
		}
		return c, m, true, fault.Wrap("inbox.Start", err)
	}
	if err != nil {
		return c, m, false, fault.Wrap("inbox.Start", err)
	}
	if c, err = s.get(ctx, conversationID); err != nil {
		return c, m, false, fault.Wrap("inbox.Start", err)
	}
	s.accessed(ctx, []Conversation{c}, "conversation") // the answer shows who the contact is
	return c, d.message, false, nil
}

func (s *Service) subjectTokens(ctx context.Context, workspaceID, subject string) [][]byte {
	ix, err := s.Vault.Index(ctx, workspaceID)
	if err != nil {
		return nil // prepare had it a moment ago
	}
	return ix.Words(subject)
}

// openingKey gives the key of the contact that a conversation is to be with.
func (s *Service) openingKey(ctx context.Context, a actor.Actor, o Opening) (*vault.Key, error) {
	if o.Draft != nil {
		return o.Draft.Key(), nil
	}
	err := s.DB.Read(ctx, func(tx *storage.Tx) error { return contacts.Exists(tx, a.WorkspaceID, o.ContactID) })
	if fault.Is(err, fault.KindNotFound) {
		return nil, fault.Invalid("contact_id", "is not a contact of this workspace")
	}
	if err != nil {
		return nil, err
	}
	return s.keyOf(ctx, a.WorkspaceID, o.ContactID)
}

func (s *Service) insertOpening(ctx context.Context, tx *storage.Tx, a actor.Actor, o Opening, d *draft, subject any) error {
	if o.Draft != nil {
		if err := o.Draft.Insert(tx); err != nil {
			return err
		}
	} else {
		// Whoever erases this person waits, or is done and found below.
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: o.ContactID}); err != nil {
			return err
		}
		if err := contacts.Exists(tx, a.WorkspaceID, o.ContactID); err != nil {
			return err
		}
		if err := s.mayWrite(ctx, tx, a, o.ContactID); err != nil {
			return err
		}
	}
	at := d.message.CreatedAt
	_, err := tx.Exec(insertConversation, a.WorkspaceID, d.conversationID, o.ContactID, subject, StateOpen, o.Channel, clock.Micros(at))
	if err != nil {
		return err
	}
	s.changed(tx, a, live.ConversationCreated, d.conversationID, o.ContactID, StateOpen, at)
	return s.insert(tx, d)
}

// changed appends an event about a conversation.
func (s *Service) changed(tx *storage.Tx, a actor.Actor, eventType, conversationID, contactID, state string, at time.Time) {
	s.Outbox.Append(tx, live.Event{Type: eventType, WorkspaceID: a.WorkspaceID, OccurredAt: at, ActorType: a.Type, ActorID: a.ID,
		ContactID: contactID, ConversationID: conversationID, ObjectID: conversationID, Details: map[string]string{"state": state}})
}

package mail

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// The states of a mail.
const (
	StateQueued = "queued" // waits for the worker, or for the next attempt
	StateHeld   = "held"   // something forbids it for now, such as a restriction
	StateSent   = "sent"   // a server took it
	StateFailed = "failed" // given up; the code says why
)

// The codes that say why a mail is not sent. Others come from the gate.
const (
	CodeAddressInvalid     = "address_invalid"     // nothing can be delivered there
	CodeAddressUnsupported = "address_unsupported" // letters before the @ that not all servers take
	CodeRecipientRefused   = "recipient_refused"   // the server does not take mail for it
	CodeContentRefused     = "content_refused"     // the server does not take this mail
	CodeSenderRefused      = "sender_refused"      // the server does not take mail from us
	CodeSignInRefused      = "sign_in_refused"     // the server does not take our name and password
	CodeTLSFailed          = "tls_failed"          // no safe connection
	CodeUnreachable        = "server_unreachable"  // no connection
	CodeConnectionLost     = "connection_lost"     // or too slow
	CodeServerBusy         = "server_busy"         // "try again later"
	CodeExpired            = "expired"             // too late to be of use
	CodeNoServer           = "no_server"           // too late, and none was ever set
	CodeNotRendered        = "not_rendered"        // the workspace is gone, or a template is broken
)

// Message is a mail to queue.
type Message struct {
	WorkspaceID, ContactID, OperatorID string // whose key seals it; exactly one of contact, operator and OwnKey
	// OwnKey seals it with a key of its own, for somebody who is erased: key and row go
	// as soon as it is sent, given up or expired. It must expire.
	OwnKey bool

	Address, Name, Locale string // where it goes; the name may be empty, and the locale a tag such as "de-AT"
	Template              string
	Values                map[string]string // exactly those that the template takes
	Key                   string            // the same key is queued once in a workspace
	// Titles names values that are titles of posts, and the posts. They are put in when
	// the mail is sent, so that a mail that waits holds nothing of a post's author; one
	// whose post is not to be seen any more is not sent. The template takes their values
	// as any others: give anything.
	Titles map[string]string

	// Expires is when it is of no use any more, such as the end of a link's life;
	// zero: never. It fails then, with the code "expired".
	Expires time.Time
	// Unsubscribe is the https URL that ends such mails with one POST (RFC 8058);
	// empty for mails that people cannot do without.
	Unsubscribe string
}

// Draft is a mail that is sealed and ready to be queued.
type Draft struct {
	row row
}

// ID gives the id that the mail has once it is queued, unless its key was taken.
func (d *Draft) ID() string { return d.row.id }

// content is what is sealed.
type content struct {
	Address     string            `json:"address"`
	Name        string            `json:"name,omitempty"`
	Locale      string            `json:"locale,omitempty"`
	Values      map[string]string `json:"values,omitempty"`
	Titles      map[string]string `json:"titles,omitempty"`
	Unsubscribe string            `json:"unsubscribe,omitempty"`
}

// place binds a mail's content to its row.
func place(mailID string) vault.Place {
	return vault.Place{Table: "mails", Column: "content_sealed", Row: mailID}
}

// subject gives whose key seals a mail.
func (r row) subject() vault.Subject {
	switch {
	case r.ownKey:
		return vault.Subject{Workspace: r.workspaceID, ID: r.id}
	case r.operatorID != "":
		return vault.Subject{ID: r.operatorID}
	}
	return vault.Subject{Workspace: r.workspaceID, ID: r.contactID}
}

// Prepare seals a mail with its recipient's key. Call it outside of the transaction.
// An address to which nothing can be delivered is no error: the mail is then queued
// as failed, so that it never stops what caused it. Use [CheckAddress] where a person
// types one. An unknown template, or values that it does not take or lacks, are
// errors, and so is a recipient without a key.
func (s *Service) Prepare(ctx context.Context, m Message) (*Draft, error) {
	if err := m.check(); err != nil {
		return nil, fault.Wrap("mail.Prepare", err)
	}
	r := row{workspaceID: m.WorkspaceID, id: s.IDs.New(id.Mail), contactID: m.ContactID, operatorID: m.OperatorID, ownKey: m.OwnKey, template: m.Template,
		keyHash: sha256.Sum256([]byte(m.Key)), state: StateQueued, expiresAt: clock.Micros(m.Expires)}
	r.messageID = r.id + "@" + s.domain()
	r.createdAt = clock.Micros(s.Clock.Now())
	r.nextAt = r.createdAt
	address, code := cleanAddress(m.Address)
	if code != "" {
		r.state, r.code, r.finishedAt, address = StateFailed, code, r.createdAt, clip(oneLine(m.Address), maxAddress)
		m.Values = nil
	}
	if m.OwnKey {
		if code != "" {
			return nil, fault.Invalid("email", "is not an address that mail can be sent to")
		}
		if err := s.Vault.Create(ctx, r.subject()); err != nil {
			return nil, fault.Wrap("mail.Prepare", err)
		}
	}
	key, err := s.Vault.Key(ctx, r.subject())
	if err != nil {
		return nil, fault.Wrap("mail.Prepare", err)
	}
	c := content{Address: address, Name: clip(oneLine(m.Name), maxName), Locale: m.Locale, Values: m.Values, Titles: m.Titles, Unsubscribe: m.Unsubscribe}
	if r.sealed, err = c.seal(key, r.id); err != nil {
		return nil, fault.Wrap("mail.Prepare", err)
	}
	return &Draft{r}, nil
}

func (c content) seal(key *vault.Key, mailID string) ([]byte, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return key.Seal(place(mailID), raw), nil
}

func openContent(key *vault.Key, mailID string, sealed []byte) (c content, err error) {
	raw, err := key.Open(place(mailID), sealed)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	return c, err
}

// check finds the caller's mistakes.
func (m Message) check() error {
	switch {
	case m.WorkspaceID == "":
		return errors.New("a mail needs a workspace")
	case m.recipients() != 1:
		return errors.New("a mail is for one contact or one operator, or has a key of its own")
	case m.OwnKey && m.Expires.IsZero():
		return errors.New("a mail with a key of its own must expire")
	case m.Key == "":
		return errors.New("a mail needs a key, so that it is queued once")
	case m.Unsubscribe != "" && !isLink(m.Unsubscribe, "https"):
		return errors.New("unsubscribe must be an https URL (RFC 8058 section 3.1)")
	}
	t, ok := templateCalled(m.Template)
	if !ok {
		return fmt.Errorf("there is no template %q", m.Template)
	}
	return t.check(m.Values)
}

func (m Message) recipients() (n int) {
	for _, is := range []bool{m.ContactID != "", m.OperatorID != "", m.OwnKey} {
		if is {
			n++
		}
	}
	return n
}

// Queue adds a prepared mail in the transaction of what caused it. A mail whose key
// was queued before is not queued again. A contact who is not there any more is an
// error of kind not found.
func (s *Service) Queue(tx *storage.Tx, d *Draft) error {
	r := d.row
	if r.contactID != "" {
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: r.workspaceID, ContactID: r.contactID}); err != nil {
			return err
		}
		if err := s.Exists(tx, r.workspaceID, r.contactID); err != nil {
			return err
		}
	}
	if err := insert(tx, r); err != nil {
		return err
	}
	tx.OnCommit(s.nudge)
	return nil
}

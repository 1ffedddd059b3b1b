package inbox

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// The types of messages.
const (
	TypeReply = "reply" // the contact sees it
	TypeNote  = "note"  // operators only
)

// Message is one thing that somebody wrote.
type Message struct {
	ID             string     `json:"id" example:"msg_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ConversationID string     `json:"conversation_id"`
	Type           string     `json:"type" enum:"reply,note"`
	Author         actor.Ref  `json:"author"`
	Body           string     `json:"body" doc:"Plain text; empty once all of it was redacted, and while restricted. What was masked on arrival shows as dots, what was redacted as blocks."`
	Restricted     bool       `json:"restricted" doc:"Whether the body is veiled, since the contact's data is restricted (GDPR article 18)."`
	ClientID       string     `json:"client_id" doc:"What the sender called it; empty if nothing."`
	Attachments    []string   `json:"attachments" doc:"Always empty in this version."`
	CreatedAt      time.Time  `json:"created_at"`
	RedactedAt     *time.Time `json:"redacted_at"`
	Redaction      *Redaction `json:"redaction" doc:"Who took what out of it, or null."`
	Sensitive      *Sensitive `json:"sensitive" doc:"What was found in it that people should not write into a chat, or null."`

	contactID string // whose conversation it is in
}

// NewMessage is what somebody wants to write.
type NewMessage struct {
	Body string `json:"body" minLength:"1" maxLength:"20000" doc:"Plain text."`
	Type string `json:"type,omitempty" enum:"reply,note" doc:"reply unless said otherwise."`
	// Attachments come with a later version; until then the list is empty.
	Attachments []string `json:"attachments,omitempty" maxItems:"0" doc:"Not in this version: leave it out or empty."`
	ClientID    string   `json:"client_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"letters, digits, _ and -" doc:"Makes a retry harmless: the same id of the same contact answers the stored message."`
}

var clientID = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// Validate says what is wrong with a message and gives it with its defaults.
func (m NewMessage) Validate() (NewMessage, error) {
	if m.Type == "" {
		m.Type = TypeReply
	}
	switch {
	case m.Type != TypeReply && m.Type != TypeNote:
		return m, fault.Invalid("type", "must be reply or note")
	case strings.TrimSpace(m.Body) == "":
		return m, fault.Invalid("body", "must not be empty; write something first")
	case utf8.RuneCountInString(m.Body) > MaxBody:
		return m, fault.Invalid("body", "is too long; at most 20,000 characters, so send it in parts")
	case !utf8.ValidString(m.Body) || strings.ContainsRune(m.Body, 0):
		return m, fault.Invalid("body", "must be text without null characters")
	case !clientID.MatchString(m.ClientID):
		return m, fault.Invalid("client_id", "must be up to 64 letters, digits, _ and -")
	}
	return m, nil
}

// preview gives the beginning of a body in one line.
func preview(body string) string {
	var b strings.Builder
	n := 0
	for word := range strings.FieldsSeq(body) {
		for i, r := range " " + word {
			if i == 0 && b.Len() == 0 {
				continue
			}
			if n == previewLen {
				return b.String() + "…"
			}
			b.WriteRune(r)
			n++
		}
	}
	return b.String()
}

package workspace

import (
	"strings"
	"time"
	"unicode"

	"github.com/botimum/botimum/internal/fault"
)

// Operator is a person who works for a workspace, as that workspace sees them.
type Operator struct {
	ID         string     `json:"id" example:"opr_01jdxk8n0e7q2v4m6s8t0w2y4z"`
	Name       string     `json:"name"`
	Email      string     `json:"email"`
	Role       Role       `json:"role" enum:"owner,admin,privacy_officer,agent,viewer"`
	CreatedAt  time.Time  `json:"created_at" doc:"When they joined the workspace."`
	LastSeenAt *time.Time `json:"last_seen_at" doc:"When they last used any workspace."`
}

// profile is what is sealed with an operator's own key.
type profile struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

const (
	maxEmail = 254 // RFC 5321 section 4.5.3.1.3, less the angle brackets
	maxLocal = 64  // RFC 5321 section 4.5.3.1.1
	maxLabel = 63  // RFC 1035 section 2.3.4
)

// cleanEmail gives a trimmed address and says why it cannot be one. Only what
// surely cannot receive mail is refused.
func cleanEmail(s string) (email, why string) {
	const wrong = "is not an address; it needs the form name@example.org"
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > maxLocal || len(s) > maxEmail || strings.IndexFunc(s, notInEmail) >= 0 {
		return "", wrong
	}
	if strings.ContainsAny(s[:at], "@") && s[0] != '"' {
		return "", wrong
	}
	labels := strings.Split(s[at+1:], ".")
	for _, label := range labels {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsAny(label, `"(),:;<>@[\]_`) {
			return "", wrong
		}
	}
	return s, ""
}

func notInEmail(r rune) bool { return unicode.IsSpace(r) || hidden(r) }

// NewOperator is who is to be added to a workspace.
type NewOperator struct {
	Name     string
	Email    string
	Role     Role
	Password string // for those who are new to the installation; others keep their own
}

// clean gives the operator with trimmed fields, or every field that breaks its
// rule. The role and the password are looked at elsewhere.
func (n NewOperator) clean() (NewOperator, error) {
	var bad []fault.FieldError
	email, why := cleanEmail(n.Email)
	bad = note(bad, "email", why)
	name, why := cleanText(n.Name, maxName)
	if why == "" && name == "" {
		why = "must not be empty"
	}
	bad = note(bad, "name", why)
	if len(bad) > 0 {
		return NewOperator{}, fault.InvalidFields(bad...)
	}
	n.Email, n.Name = email, name
	return n, nil
}

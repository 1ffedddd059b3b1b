package audit

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
)

// Entry is something that somebody did.
type Entry struct {
	WorkspaceID string // "" for the installation's own log
	ActorType   actor.Type
	ActorID     string
	Action      string // area and verb in lower-case words: contact.updated
	TargetType  string // what it was done to: contact; may be empty
	TargetID    string
	// Details are ids, lower-case words, counts, times and hashes, or such apart
	// by commas. Never anything personal: see [Log.Append].
	Details map[string]string
}

const (
	maxWord    = 64 // bytes of an id, a word, or an item of a detail
	maxItems   = 64 // of a detail that is a list
	maxDetails = 16
	maxCount   = 9 // digits of a count: shorter than a telephone number with its prefix
)

// check tells which part of an entry is not what may stand there. It names the
// part and never its value, which may be personal.
func (e Entry) check() error {
	switch {
	case e.WorkspaceID != "" && !isWord(e.WorkspaceID):
		return refused("workspace id")
	case !isWord(string(e.ActorType)):
		return refused("actor's type")
	case !isItem(e.ActorID):
		return refused("actor's id")
	case !isAction(e.Action):
		return refused("action")
	case e.TargetType != "" && !isWord(e.TargetType):
		return refused("target's type")
	case e.TargetID != "" && !isItem(e.TargetID):
		return refused("target's id")
	case len(e.Details) > maxDetails:
		return refused("number of details")
	}
	for key, value := range e.Details {
		if !isWord(key) {
			return refused("name of a detail")
		}
		if !isDetail(value) {
			return refused("detail " + key)
		}
	}
	return nil
}

func refused(part string) error {
	return fmt.Errorf("audit: the %s of an entry is not an id, a lower-case word, a count, a time or a hash; nothing else may enter the log", part)
}

// isDetail tells whether a detail is an item, or items apart by commas.
func isDetail(s string) bool {
	if s == "" {
		return true
	}
	n := 0
	for item := range strings.SplitSeq(s, ",") {
		if n++; n > maxItems || !isItem(item) {
			return false
		}
	}
	return true
}

// isItem tells whether s is an id or word, a permission such as inbox:read or *,
// a count, a time or a hash.
func isItem(s string) bool {
	return isWord(s) || isPermission(s) || isCount(s) || isHash(s) || isTime(s)
}

// isWord tells whether s is lower-case letters, digits and underscores and begins
// with a letter, as every id does.
func isWord(s string) bool {
	if s == "" || len(s) > maxWord || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

func isAction(s string) bool {
	area, verb, two := strings.Cut(s, ".")
	return len(s) <= maxWord && isWord(area) && (!two || isWord(verb))
}

// isThrough tells whether s is words apart by dots: conversation.messages.
func isThrough(s string) bool {
	if len(s) > maxWord {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if !isWord(part) {
			return false
		}
	}
	return true
}

func isPermission(s string) bool {
	area, action, two := strings.Cut(s, ":")
	if !two {
		return s == "*"
	}
	return len(s) <= maxWord && isWord(area) && (isWord(action) || action == "*")
}

func isCount(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || len(s) > maxCount {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// isHash tells whether s is 128 bits or more in lower-case hexadecimal digits.
func isHash(s string) bool {
	return len(s) >= 32 && len(s) <= maxWord && len(s)%2 == 0 && strings.Trim(s, "0123456789abcdef") == ""
}

func isTime(s string) bool {
	if len(s) > len("2006-01-02T15:04:05.000000Z") {
		return false
	}
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// areaOf gives an action's first word.
func areaOf(action string) string {
	area, _, _ := strings.Cut(action, ".")
	return area
}

// access is the details of an entry "access".
type access struct {
	Through  string   `json:"through"`
	Session  string   `json:"session,omitempty"` // an operator's
	Place    string   `json:"place,omitempty"`   // the hash of what access_places has of it; absent in entries of before there were places
	Subjects []string `json:"subjects"`
}

// row is an entry as it is stored, but for its place in the log.
type row struct {
	id         string
	actorType  string
	actorID    string
	action     string
	targetType string
	targetID   string
	details    string // JSON
	occurredAt int64  // microseconds
}

// pending is a row that waits for its place.
type pending struct {
	workspaceID string
	row         row
	subjects    []string // of an access, sorted
	place       []byte   // of an access: from where, sealed
	refused     error    // instead of all the rest
}

func detailsText(details map[string]string) (string, error) {
	if len(details) == 0 {
		return "{}", nil
	}
	text, err := json.Marshal(details) // with sorted keys
	return string(text), err
}

const recordVersion = "botimum audit entry v1\x00"

// record appends the bytes of which an entry's leaf is the hash. The package's
// documentation describes them.
func (r *row) record(b []byte, workspaceID string, position int64) []byte {
	b = append(b, recordVersion...)
	b = appendText(b, workspaceID)
	b = binary.BigEndian.AppendUint64(b, uint64(position))
	for _, text := range [...]string{r.id, r.actorType, r.actorID, r.action, r.targetType, r.targetID, r.details} {
		b = appendText(b, text)
	}
	return binary.BigEndian.AppendUint64(b, uint64(r.occurredAt))
}

func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

package takeout

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

// Takeout is what a file holds, in one form. Keys are those of the file.
type Takeout struct {
	Format   string
	Posts    []Post
	Comments []Comment
	Votes    []Vote
	People   map[string]Person
	Problems []LeftOut // rows that were left out
}

// Post is one wish.
type Post struct {
	Key, Title, Body string
	Where            string // the list and row, for whoever looks it up in the file
	Status           string // as the file calls it
	Kind             string // open, planned, started, done, declined; "" unknown
	Category         string
	Tags             []string
	Author           string // of People; "" nobody known
	CreatedAt        time.Time
	EstimatedOn      string // 2026-12-31, or ""
	MergedInto       string // key of another post, or ""
	MergedNumber     string // its number, where the file names it by that
	Number           string
	Votes            int // where the file says how many, but not whose
	Answer           string
	AnswerAt         time.Time
}

// Comment is what somebody said under a post.
type Comment struct {
	Key, Post, Parent, Author, Body string
	Where                           string // the list and row
	Internal                        bool
	CreatedAt                       time.Time
}

// Vote is one person's.
type Vote struct {
	Post, Person string
	CreatedAt    time.Time
}

// Person is somebody whom the file names. Only who has an address or an id of the
// customer's becomes a contact.
type Person struct {
	Name, Email, ExternalID string
	Staff                   bool // of those who run the board
}

// LeftOut is a row that was left out, and why. It names rows by number alone: keys may
// be addresses, and these reports are kept.
type LeftOut struct {
	Where  string `json:"where" doc:"The file or list within it, and the row."`
	Detail string `json:"detail"`
}

// The formats.
const (
	FiderBackup = "fider_backup"
	FiderCSV    = "fider_csv"
	CannyJSON   = "canny_json"
	CSV         = "csv"
)

// Limits of what is taken in at once.
const (
	MaxPosts    = 50_000
	MaxComments = 200_000
	MaxVotes    = 1_000_000
	maxProblems = 100
)

// Parse reads a file: which format it is shows in its content.
func Parse(data []byte) (*Takeout, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	t := &Takeout{People: map[string]Person{}}
	var err error
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, unreadable("The file is empty.")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		err = t.backup(data)
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		err = t.canny(data)
	default:
		err = t.table(data)
	}
	if err != nil {
		return nil, err
	}
	return t, t.finish()
}

// finish leaves out what hangs in the air, and resolves which post stands for which.
func (t *Takeout) finish() error {
	if len(t.Posts) == 0 {
		return unreadable("The file has no post that can be read. Export the posts again, and do not change the names of the columns.")
	}
	if len(t.Posts) > MaxPosts || len(t.Comments) > MaxComments || len(t.Votes) > MaxVotes {
		return unreadable("The file has more than 50,000 posts, 200,000 comments or 1,000,000 votes. Import it in parts.")
	}
	byKey, byNumber := map[string]int{}, map[string]string{}
	t.Posts = slices.DeleteFunc(t.Posts, func(p Post) bool {
		if _, twice := byKey[p.Key]; twice {
			t.problem(p.Where, "is there twice: the first one counts")
			return true
		}
		byKey[p.Key] = 1
		if p.Number != "" {
			byNumber[p.Number] = p.Key
		}
		return false
	})
	for i := range t.Posts {
		p := &t.Posts[i]
		if p.MergedInto == "" && p.MergedNumber != "" {
			p.MergedInto = byNumber[p.MergedNumber]
		}
		if _, there := byKey[p.MergedInto]; !there || p.MergedInto == p.Key {
			p.MergedInto = ""
		}
	}
	t.Comments = slices.DeleteFunc(t.Comments, func(c Comment) bool { _, there := byKey[c.Post]; return !there })
	t.Votes = slices.DeleteFunc(t.Votes, func(v Vote) bool { _, there := byKey[v.Post]; return !there })
	return nil
}

func (t *Takeout) problem(where, detail string) {
	if len(t.Problems) < maxProblems {
		t.Problems = append(t.Problems, LeftOut{where, detail})
	}
}

// person notes somebody and gives their key: their id in the file, or their address.
func (t *Takeout) person(key string, p Person) string {
	p.Email, p.Name = strings.TrimSpace(p.Email), strings.Join(strings.Fields(p.Name), " ")
	if !strings.Contains(p.Email, "@") {
		p.Email = ""
	}
	if key == "" {
		key = "email:" + strings.ToLower(p.Email)
		if p.Email == "" {
			if p.Name == "" {
				return ""
			}
			key = "name:" + p.Name
		}
	}
	if _, there := t.People[key]; !there {
		t.People[key] = p
	}
	return key
}

func unreadable(detail string) error {
	return &fault.Error{Kind: fault.KindInvalid, Code: "takeout_unreadable", Detail: detail}
}

// kinds are the names that statuses have on boards, folded, and what they come to.
var kinds = map[string]string{
	"open": "open", "new": "open", "under review": "open", "in review": "open", "pending": "open", "gathering feedback": "open", "considering": "open",
	"planned": "planned", "accepted": "planned", "next": "planned", "upcoming": "planned",
	"started": "started", "in progress": "started", "in development": "started", "building": "started", "beta": "started", "now": "started",
	"completed": "done", "complete": "done", "done": "done", "shipped": "done", "released": "done", "live": "done", "implemented": "done",
	"declined": "declined", "closed": "declined", "rejected": "declined", "won t do": "declined", "not planned": "declined", "duplicate": "declined",
}

// kindOf gives the kind of a status by its name, "" if it is none that is known.
func kindOf(status string) string {
	return kinds[strings.Join(strings.FieldsFunc(strings.ToLower(status), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '\'' || r == '’' }), " ")]
}

var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly, "01/02/2006", "January 2, 2006"}

// moment reads a date; ok is false if it is none, or not of this century.
func moment(s string) (at time.Time, ok bool) {
	s = strings.TrimSpace(s)
	for _, layout := range layouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), at.Year() >= 2000 && at.Year() < 2100
		}
	}
	return time.Time{}, false
}

func row(list string, n int) string { return fmt.Sprintf("%s, row %d", list, n) }

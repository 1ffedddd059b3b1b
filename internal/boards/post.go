package boards

import (
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

// How far a contribution is.
const (
	Published = "published"
	Pending   = "pending" // waits for an operator
)

// Post is one wish.
type Post struct {
	ID          string            `json:"id" example:"pst_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	BoardID     string            `json:"board_id"`
	Number      int64             `json:"number" doc:"Within its board; part of its public address."`
	Slug        string            `json:"slug" doc:"The rest of its public address. It follows the title, and is stored nowhere."`
	Title       string            `json:"title"`
	Body        string            `json:"body" doc:"Markdown."`
	Status      string            `json:"status" doc:"The key of one of the board's statuses."`
	State       string            `json:"state" enum:"published,pending"`
	HeldFor     string            `json:"held_for" enum:",approval,words,links,first,challenge" doc:"Why it waits for an operator; empty if it does not."`
	Category    string            `json:"category"`
	Tags        []string          `json:"tags" doc:"The workspace's own words for it, in lower case, sorted."`
	Author      Author            `json:"author"`
	Restricted  bool              `json:"restricted" doc:"Whether the author had the use of their data restricted (GDPR article 18): the words are veiled then."`
	OwnerID     *string           `json:"owner_id" doc:"The operator who looks after it."`
	EstimatedOn *string           `json:"estimated_on" doc:"The day it is expected on, such as 2026-12-31."`
	Votes       int64             `json:"votes" doc:"How many people voted for it."`
	Weight      *float64          `json:"weight" doc:"What its votes weigh together, by the board's rule: how many there are where each weighs one. Null for who may not read contacts."`
	Importance  *ImportanceCounts `json:"importance,omitempty" doc:"How much it matters to those who voted; where one post is asked for."`
	Comments    int64             `json:"comments" doc:"How many comments the public may read."`
	MergedInto  *string           `json:"merged_into" doc:"The post that it was merged into; it is in no list then."`
	EditedAt    *time.Time        `json:"edited_at" doc:"When its words were last changed."`
	CreatedAt   time.Time         `json:"created_at"`
	UpdatedAt   time.Time         `json:"updated_at"`

	Attached
}

// Author is whose words something is.
type Author struct {
	Type string `json:"type" enum:"contact,operator,api_key,anonymous"`
	ID   string `json:"id" doc:"Of a contact, an operator or a key; empty if anonymous."`
	Name string `json:"name"`
}

// NewPost says what a post is to be.
type NewPost struct {
	Title     string   `json:"title" minLength:"1" maxLength:"200"`
	Body      string   `json:"body,omitempty" maxLength:"20000" doc:"Markdown."`
	ContactID string   `json:"contact_id,omitempty" maxLength:"64" doc:"Whose wish it is; absent if it is the team's own."`
	Status    string   `json:"status,omitempty" maxLength:"40"`
	Category  string   `json:"category,omitempty" maxLength:"60"`
	Tags      []string `json:"tags,omitempty" maxItems:"20"`

	Agreement *NewAgreement `json:"agreement,omitempty" doc:"That the contact agreed to it."`

	Proof string `json:"-"` // of the work that a challenge asked for

	Attaching
}

// PostChange is what is to change of a post; nil leaves it.
type PostChange struct {
	Title       *string  `json:"title,omitempty" maxLength:"200"`
	Body        *string  `json:"body,omitempty" maxLength:"20000"`
	Status      *string  `json:"status,omitempty" maxLength:"40"`
	State       *string  `json:"state,omitempty" enum:"published,pending"`
	Category    *string  `json:"category,omitempty" maxLength:"60"`
	Tags        []string `json:"tags,omitempty" maxItems:"20" doc:"All of them; an empty list for none."`
	AfterID     *string  `json:"after_id,omitempty" maxLength:"64" doc:"The post of the same status below which it is to stand on the roadmap; empty for the top."`
	OwnerID     *string  `json:"owner_id,omitempty" maxLength:"64" doc:"Empty for nobody."`
	EstimatedOn *string  `json:"estimated_on,omitempty" maxLength:"10" doc:"A day such as 2026-12-31; empty for none."`

	AttachingAll
}

const (
	maxTitle    = 200
	maxBody     = 20000
	maxCategory = 60
)

// words are the texts of a post, which are sealed.
type words struct{ title, body string }

func (p *words) clean() []fault.FieldError {
	var bad []fault.FieldError
	p.title = strings.TrimSpace(p.title)
	if problem := lineProblem(p.title, maxTitle); problem != "" {
		bad = append(bad, fault.FieldError{Field: "title", Detail: problem})
	}
	if problem := textProblem(p.body, maxBody); problem != "" {
		bad = append(bad, fault.FieldError{Field: "body", Detail: problem})
	}
	return bad
}

// statusProblem refuses a status that the board does not have.
func (b *Board) statusProblem(key string) []fault.FieldError {
	if b.hasStatus(key) {
		return nil
	}
	keys := make([]string, len(b.Statuses))
	for i, st := range b.Statuses {
		keys[i] = st.Key
	}
	return []fault.FieldError{{Field: "status", Detail: "must be one of the board's: " + strings.Join(keys, ", ")}}
}

// with gives the post with a change made, and whether its words changed.
func (p Post) with(b *Board, c PostChange, now time.Time) (next Post, edited bool, err error) {
	w, before := words{p.Title, p.Body}, p.Category
	for _, f := range []struct{ from, to *string }{{c.Title, &w.title}, {c.Body, &w.body}, {c.Status, &p.Status}, {c.State, &p.State}, {c.Category, &p.Category}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	bad := slices.Concat(w.clean(), b.statusProblem(p.Status))
	if c.Category != nil && *c.Category != before { // what it had before the board declared some may stay
		category, worse := b.categoryOf(*c.Category)
		p.Category, bad = category, append(bad, worse...)
	}
	if c.Tags != nil {
		tags, worse := cleanTags(c.Tags)
		p.Tags, bad = tags, append(bad, worse...)
	}
	if p.State != Published && p.State != Pending {
		bad = append(bad, fault.FieldError{Field: "state", Detail: "must be published or pending"})
	}
	if c.OwnerID != nil {
		p.OwnerID = orNil(*c.OwnerID)
	}
	if c.EstimatedOn != nil {
		p.EstimatedOn = orNil(*c.EstimatedOn)
		if _, err := time.Parse(time.DateOnly, *c.EstimatedOn); *c.EstimatedOn != "" && err != nil {
			bad = append(bad, fault.FieldError{Field: "estimated_on", Detail: "must be a day such as 2026-12-31"})
		}
	}
	if len(bad) > 0 {
		return Post{}, false, fault.InvalidFields(bad...)
	}
	edited = w.title != p.Title || w.body != p.Body
	if edited {
		p.EditedAt = &now
	}
	p.Title, p.Body, p.Slug = w.title, w.body, slugOf(w.title)
	return p, edited, nil
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// ImportanceCounts is to how many of those who voted something matters how much; the
// others did not say.
type ImportanceCounts struct {
	Nice      int64 `json:"nice"`
	Important int64 `json:"important"`
	Essential int64 `json:"essential"`
}

// Vote is one person's.
type Vote struct {
	PostID     string    `json:"post_id"`
	ContactID  string    `json:"contact_id"`
	Name       string    `json:"name" doc:"Of the person."`
	Importance string    `json:"importance" enum:",nice,important,essential" doc:"How much it matters to them, where they said so."`
	Weight     *float64  `json:"weight" doc:"What it weighs by the board's rule; null for who may not read contacts."`
	OnBehalf   *Author   `json:"on_behalf" doc:"Who voted for them; null if they did."`
	MergedFrom *string   `json:"merged_from" doc:"The merged post that they voted for."`
	CreatedAt  time.Time `json:"created_at"`
}

func importanceProblem(s string) error {
	if slices.Contains([]string{"", "nice", "important", "essential"}, s) {
		return nil
	}
	return fault.Invalid("importance", "must be nice, important or essential")
}

// Comment is what somebody says under a post.
type Comment struct {
	ID        string          `json:"id" example:"cmt_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	PostID    string          `json:"post_id"`
	ParentID  *string         `json:"parent_id" doc:"The comment that it answers."`
	Author    Author          `json:"author"`
	Body      string          `json:"body" doc:"Markdown; empty once removed, and where the author had the use of their data restricted."`
	Internal  bool            `json:"internal" doc:"Whether operators alone see it."`
	Official  bool            `json:"official" doc:"Whether it is the answer that stands on top."`
	State     string          `json:"state" enum:"published,pending"`
	HeldFor   string          `json:"held_for" enum:",approval,words,links,first,challenge" doc:"Why it waits for an operator; empty if it does not."`
	Removed   bool            `json:"removed"`
	Reactions []ReactionCount `json:"reactions" doc:"How many people show what."`
	Mentions  []Mention       `json:"mentions" doc:"Whom the team names in it: the text holds @[id] for each."`
	EditedAt  *time.Time      `json:"edited_at"`
	CreatedAt time.Time       `json:"created_at"`

	Attached
}

// NewComment says what a comment is to be.
type NewComment struct {
	Body      string `json:"body" minLength:"1" maxLength:"10000" doc:"Markdown. In the team's own words @[id] names an operator, or a contact who took part in public under the post: by their id, so that whoever reads it sees today's name."`
	ParentID  string `json:"parent_id,omitempty" maxLength:"64"`
	ContactID string `json:"contact_id,omitempty" maxLength:"64" doc:"Whose words they are; absent if the team's own."`
	Internal  bool   `json:"internal,omitempty"`
	Official  bool   `json:"official,omitempty"`

	Proof string `json:"-"` // of the work that a challenge asked for

	Attaching
}

// CommentChange is what is to change of a comment; nil leaves it.
type CommentChange struct {
	Body     *string `json:"body,omitempty" maxLength:"10000"`
	Official *bool   `json:"official,omitempty"`
	State    *string `json:"state,omitempty" enum:"published,pending"`

	AttachingAll
}

const maxComment = 10000

func commentProblem(body string) error {
	if strings.TrimSpace(body) == "" {
		return fault.Invalid("body", "must not be empty")
	}
	if problem := textProblem(body, maxComment); problem != "" {
		return fault.Invalid("body", problem)
	}
	return nil
}

// check says what is wrong with a new comment.
func (n NewComment) check() error {
	if err := commentProblem(n.Body); err != nil {
		return err
	}
	if n.ContactID != "" && (n.Internal || n.Official) {
		return fault.Invalid("contact_id", "goes with neither internal nor official: those are the team's own words")
	}
	if n.Internal && n.Official {
		return fault.Invalid("official", "does not go with internal: nobody would read it")
	}
	return nil
}

// Sort is an order of posts.
type Sort string

// The orders.
const (
	ByTrend Sort = "trending"
	ByVotes Sort = "top"
	ByAge   Sort = "new"
	// ByStatus goes through the board's statuses, and within each in the order that
	// operators gave its posts.
	ByStatus Sort = "status"
	// ByWeight is by what votes weigh by the board's rule; by votes where each weighs one.
	ByWeight Sort = "weight"
)

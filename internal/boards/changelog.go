package boards

import (
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
)

// How far an entry of the changelog is. It follows from its date of publication.
const (
	Draft     = "draft"
	Scheduled = "scheduled"
	// Published is that of posts, too.
)

// Entry tells everybody what is new. Its words are the customer's own, and not sealed.
type Entry struct {
	ID          string     `json:"id" example:"chg_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	BoardID     string     `json:"board_id"`
	Slug        string     `json:"slug" doc:"The end of its public address. It follows the title."`
	Title       string     `json:"title"`
	Body        string     `json:"body" doc:"Markdown."`
	Categories  []string   `json:"categories"`
	State       string     `json:"state" enum:"draft,scheduled,published" doc:"It follows from publish_at."`
	PublishAt   *time.Time `json:"publish_at" doc:"When everybody may read it; null for a draft."`
	PostIDs     []string   `json:"post_ids" doc:"The posts that it says are done."`
	AnnouncedAt *time.Time `json:"announced_at" doc:"When its posts were moved to done, and who follows them was told."`
	Author      Author     `json:"author"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

// NewEntry says what an entry is to be.
type NewEntry struct {
	BoardID    string     `json:"board_id,omitempty" maxLength:"64" doc:"May be left out where the workspace has one board."`
	Title      string     `json:"title" minLength:"1" maxLength:"200"`
	Body       string     `json:"body,omitempty" maxLength:"50000" doc:"Markdown."`
	Categories []string   `json:"categories,omitempty" maxItems:"5" doc:"Words of yours, such as new or fixed."`
	PublishAt  *time.Time `json:"publish_at,omitempty" doc:"When everybody may read it: now or before at once, later by itself. Absent for a draft."`
	PostIDs    []string   `json:"post_ids,omitempty" maxItems:"50" doc:"Posts of the board that are done with it: they move to the board's first status of the kind done when it is published."`
}

// EntryChange is what is to change of an entry; nil leaves it.
type EntryChange struct {
	Title      *string    `json:"title,omitempty" maxLength:"200"`
	Body       *string    `json:"body,omitempty" maxLength:"50000"`
	Categories []string   `json:"categories,omitempty" maxItems:"5" doc:"All of them."`
	PublishAt  *time.Time `json:"publish_at,omitempty"`
	Withdraw   bool       `json:"withdraw,omitempty" doc:"Makes a draft of it again: nobody reads it until it has a date once more."`
	PostIDs    []string   `json:"post_ids,omitempty" maxItems:"50" doc:"All of them."`
}

const (
	maxEntryBody  = 50000
	maxCategories = 5
	maxClosed     = 50
)

// clean trims an entry's words and says everything that is wrong with it.
func (e *Entry) clean() error {
	var bad []fault.FieldError
	e.Title = strings.TrimSpace(e.Title)
	if problem := lineProblem(e.Title, maxTitle); problem != "" {
		bad = append(bad, fault.FieldError{Field: "title", Detail: problem})
	}
	if problem := textProblem(e.Body, maxEntryBody); problem != "" {
		bad = append(bad, fault.FieldError{Field: "body", Detail: problem})
	}
	e.Categories = slices.Clone(e.Categories)
	for i, c := range e.Categories {
		e.Categories[i] = strings.ToLower(strings.TrimSpace(c))
		if problem := lineProblem(e.Categories[i], maxCategory); problem != "" {
			bad = append(bad, fault.FieldError{Field: "categories", Detail: problem})
		}
	}
	e.Categories, e.PostIDs = distinct(e.Categories), distinct(e.PostIDs)
	if len(e.Categories) > maxCategories {
		bad = append(bad, fault.FieldError{Field: "categories", Detail: "must be at most 5"})
	}
	if len(e.PostIDs) > maxClosed {
		bad = append(bad, fault.FieldError{Field: "post_ids", Detail: "must be at most 50"})
	}
	if e.PublishAt != nil && (e.PublishAt.Year() < 2000 || e.PublishAt.Year() > 2200) {
		bad = append(bad, fault.FieldError{Field: "publish_at", Detail: "must be a moment between the years 2000 and 2200"})
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	e.Slug = slugOf(e.Title)
	return nil
}

// distinct gives each once, in the order of the first; never nil.
func distinct(all []string) []string {
	out := make([]string, 0, len(all))
	for _, one := range all {
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// stateAt says how far the entry is at a moment.
func (e *Entry) stateAt(now time.Time) string {
	switch {
	case e.PublishAt == nil:
		return Draft
	case e.PublishAt.After(now):
		return Scheduled
	}
	return Published
}

// with gives the entry with a change made.
func (e Entry) with(c EntryChange) (Entry, error) {
	if c.Withdraw && c.PublishAt != nil {
		return Entry{}, fault.Invalid("withdraw", "does not go with publish_at: it makes a draft, which has no date")
	}
	if c.Title != nil {
		e.Title = *c.Title
	}
	if c.Body != nil {
		e.Body = *c.Body
	}
	if c.Categories != nil {
		e.Categories = c.Categories
	}
	if c.PostIDs != nil {
		e.PostIDs = c.PostIDs
	}
	if c.PublishAt != nil {
		at := c.PublishAt.UTC().Truncate(time.Microsecond)
		e.PublishAt = &at
	}
	if c.Withdraw {
		e.PublishAt = nil
	}
	return e, e.clean()
}

// done gives the status that posts move to when they are done; "" if the board has
// none of that kind.
func (b *Board) done() string {
	for _, st := range b.Statuses {
		if st.Kind == "done" {
			return st.Key
		}
	}
	return ""
}

func (b *Board) kindOf(status string) string {
	for _, st := range b.Statuses {
		if st.Key == status {
			return st.Kind
		}
	}
	return ""
}

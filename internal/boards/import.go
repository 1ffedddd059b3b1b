package boards

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/boards/takeout"
)

// The states of an import.
const (
	ImportRunning     = "running"
	ImportDone        = "done"
	ImportFailed      = "failed"
	ImportInterrupted = "interrupted" // the server stopped meanwhile; the same file goes on where it was
	ImportUndoing     = "undoing"
	ImportUndone      = "undone"
)

const (
	undoImportFor = 30 * 24 * time.Hour
	// aliveFor is how long an import may be silent before it counts as interrupted.
	aliveFor = time.Minute
)

// BoardImport is the taking over of another board.
type BoardImport struct {
	ID        string            `json:"id"`
	BoardID   string            `json:"board_id"`
	State     string            `json:"state" enum:"running,done,failed,interrupted,undoing,undone"`
	Report    BoardImportReport `json:"report"`
	UndoUntil *time.Time        `json:"undo_until" doc:"Until when it can be undone."`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
}

// BoardImportReport says what an import did. It holds counts and row numbers, nothing of
// anybody.
type BoardImportReport struct {
	Format   string            `json:"format" enum:"fider_backup,fider_csv,canny_json,csv"`
	Total    int               `json:"total" doc:"Posts in the file."`
	Looked   int               `json:"looked" doc:"Posts that were looked at so far."`
	Posts    int               `json:"posts" doc:"Posts that were added."`
	Again    int               `json:"again" doc:"Posts that an earlier import had added, and that were left as they are."`
	Comments int               `json:"comments"`
	Votes    int               `json:"votes" doc:"Votes of people, and those of which the file says only how many there are."`
	Merged   int               `json:"merged"`
	People   int               `json:"people" doc:"People who were added."`
	Known    int               `json:"known" doc:"People who were there already."`
	Removed  int               `json:"removed" doc:"Posts that undoing took back."`
	Kept     int               `json:"kept" doc:"Posts that undoing left, since others voted or spoke there."`
	Problems []takeout.LeftOut `json:"problems" doc:"At most 100 rows that were left out or cut."`
}

const maxImportProblems = 100

func (r *BoardImportReport) problem(where, detail string) {
	if len(r.Problems) < maxImportProblems {
		r.Problems = append(r.Problems, takeout.LeftOut{Where: where, Detail: detail})
	}
}

// statusFor gives the board's status for one of another board: of the same name, or
// else the first of the same kind, or else that of new posts.
func (b *Board) statusFor(p *takeout.Post) string {
	same := func(name string) bool {
		return name != "" && strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(p.Status))
	}
	for _, st := range b.Statuses {
		if same(st.Name) || same(st.Key) {
			return st.Key
		}
	}
	for _, st := range b.Statuses {
		if st.Kind == p.Kind {
			return st.Key
		}
	}
	return b.first()
}

// fitting gives the words of a foreign post as this board takes them: without control
// characters, and cut where they are too long, with the whole title in the text then.
func fitting(p *takeout.Post, report *BoardImportReport) words {
	w := words{title: strings.Join(strings.Fields(printable(p.Title)), " "), body: printable(p.Body)}
	if utf8.RuneCountInString(w.title) > maxTitle {
		w.body = strings.TrimSpace(w.title + "\n\n" + w.body)
		w.title = string([]rune(w.title)[:maxTitle-1]) + "…"
		report.problem(p.Where, "has a title of more than 200 characters: all of it stands in the text")
	}
	if utf8.RuneCountInString(w.body) > maxBody {
		w.body = string([]rune(w.body)[:maxBody])
		report.problem(p.Where, "has more than 20,000 characters: the rest was cut")
	}
	return w
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// grouped are a file's posts, oldest first, with what belongs to each.
type grouped struct {
	posts    []takeout.Post
	comments map[string][]takeout.Comment // oldest first
	votes    map[string][]takeout.Vote
}

func group(t *takeout.Takeout) grouped {
	g := grouped{posts: slices.Clone(t.Posts), comments: map[string][]takeout.Comment{}, votes: map[string][]takeout.Vote{}}
	slices.SortStableFunc(g.posts, func(a, b takeout.Post) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for _, c := range t.Comments {
		g.comments[c.Post] = append(g.comments[c.Post], c)
	}
	for _, of := range g.comments {
		slices.SortStableFunc(of, func(a, b takeout.Comment) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.Key, b.Key))
		})
	}
	for _, v := range t.Votes {
		g.votes[v.Post] = append(g.votes[v.Post], v)
	}
	return g
}

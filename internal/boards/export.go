package boards

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const exportAtOnce = 100

// ExportedPost is a post as it is taken out with all that belongs to it.
type ExportedPost struct {
	Post
	VotesOf     []Vote    `json:"votes_of"`
	CommentsOf  []Comment `json:"comments_of"`
	StatusTitle string    `json:"status_name"`
}

// TakeOut writes a board's posts, newest first: as CSV in the columns of Fider's
// export, which can be imported again, or as a JSON array with comments and votes. It
// is noted who took them out, and whose words they were.
func (s *Service) TakeOut(ctx context.Context, boardID, format string, to io.Writer) error {
	a := actor.From(ctx)
	b, err := s.Board(ctx, boardID)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		return s.record(tx, a, "board.exported", "board", boardID, map[string]string{"format": format})
	})
	if err != nil {
		return fault.Wrap("boards.TakeOut", err)
	}
	write, end := s.asCSV(&b, to)
	if format == "json" {
		write, end = s.asJSON(&b, to)
	}
	var after *At
	for {
		some, places, err := s.Posts(ctx, boardID, Filter{}, ByAge, after, exportAtOnce)
		if err != nil {
			return fault.Wrap("boards.TakeOut", err)
		}
		for _, p := range some {
			if err := write(ctx, p); err != nil {
				return fault.Wrap("boards.TakeOut", err)
			}
		}
		if len(some) < exportAtOnce {
			return end()
		}
		after = &places[len(places)-1]
	}
}

func (b *Board) statusName(key string) string {
	for _, st := range b.Statuses {
		if st.Key == key {
			return st.Name
		}
	}
	return key
}

func (s *Service) asCSV(b *Board, to io.Writer) (write func(context.Context, Post) error, end func() error) {
	w := csv.NewWriter(to)
	err := w.Write([]string{"number", "title", "description", "created_at", "created_by", "votes_count", "comments_count", "status", "category", "contact_id"})
	return func(_ context.Context, p Post) error {
			if err != nil {
				return err
			}
			author := ""
			if p.Author.Type == string(actor.Contact) {
				author = p.Author.ID
			}
			return w.Write([]string{strconv.FormatInt(p.Number, 10), cell(p.Title), cell(p.Body), p.CreatedAt.Format(time.RFC3339), cell(p.Author.Name),
				strconv.FormatInt(p.Votes, 10), strconv.FormatInt(p.Comments, 10), cell(b.statusName(p.Status)), cell(p.Category), author})
		}, func() error {
			w.Flush()
			return w.Error()
		}
}

// cell keeps a spreadsheet from taking somebody's words for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (s *Service) asJSON(b *Board, to io.Writer) (write func(context.Context, Post) error, end func() error) {
	between := "[\n"
	return func(ctx context.Context, p Post) error {
			one := ExportedPost{Post: p, VotesOf: []Vote{}, CommentsOf: []Comment{}, StatusTitle: b.statusName(p.Status)}
			err := all(func(after string) ([]Vote, error) { return s.Votes(ctx, p.ID, "", after, exportAtOnce) }, &one.VotesOf, func(v Vote) string { return v.ContactID })
			if err != nil {
				return err
			}
			err = all(func(after string) ([]Comment, error) { return s.Comments(ctx, p.ID, after, exportAtOnce) }, &one.CommentsOf, func(c Comment) string { return c.ID })
			if err != nil {
				return err
			}
			raw, err := json.Marshal(one)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(to, "%s%s", between, raw)
			between = ",\n"
			return err
		}, func() error {
			if between == "[\n" {
				between = "["
			} else {
				between = "\n"
			}
			_, err := io.WriteString(to, between+"]\n")
			return err
		}
}

// all gathers the pages of a list.
func all[T any](page func(after string) ([]T, error), into *[]T, key func(T) string) error {
	after := ""
	for {
		some, err := page(after)
		if err != nil || len(some) == 0 {
			return err
		}
		*into, after = append(*into, some...), key(some[len(some)-1])
	}
}

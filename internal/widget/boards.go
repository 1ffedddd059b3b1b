package widget

import (
	"context"
	"slices"
	"strconv"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

// VisitorBoard is a board as a visitor sees it in the widget.
type VisitorBoard struct {
	Name       string        `json:"name"`
	URL        string        `json:"url" doc:"Its own pages, where the rest is done."`
	TakesPosts bool          `json:"takes_posts"`
	Posts      []VisitorPost `json:"posts"`
	NextCursor *string       `json:"next_cursor"`
}

// VisitorPost is a post as a visitor sees it in the widget.
type VisitorPost struct {
	ID       string `json:"id"`
	Number   int64  `json:"number"`
	Title    string `json:"title"`
	Votes    int64  `json:"votes"`
	Comments int64  `json:"comments"`
	Status   string `json:"status" doc:"Its name."`
	Color    string `json:"color" doc:"Of the status."`
	Voted    bool   `json:"voted" doc:"Whether the visitor voted for it."`
}

type visitorBoardIn struct {
	Slug string `path:"slug" maxLength:"60"`
	httpx.Paging
}

type visitorBoardOut struct{ Body VisitorBoard }

type visitorVoteIn struct {
	httpx.ByID
	Body struct {
		Voted bool `json:"voted" doc:"False takes the vote back."`
	}
}

type visitorVoteOut struct {
	Body struct {
		Votes int64 `json:"votes"`
		Voted bool  `json:"voted"`
	}
}

// known gives the contact that boards know the visitor as: who proved who they are.
// Of others it is not known whether they voted before.
func (s session) known() string {
	if s.Verified {
		return s.ContactID
	}
	return ""
}

// getBoard shows a board by the most wanted, with the visitor's own votes.
func (s *Service) getBoard(ctx context.Context, in *visitorBoardIn) (*visitorBoardOut, error) {
	v := sessionOf(ctx)
	b, err := s.Boards.BoardBySlug(ctx, in.Slug)
	if err == nil {
		err = s.mayRead(ctx, &b)
	}
	if err != nil {
		return nil, err
	}
	scope := "widget board " + b.ID
	after, err := placeOf(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	posts, places, err := s.Boards.Listing(ctx, b.ID, boards.Filter{}, boards.ByTrend, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	voted, err := s.Boards.Voted(ctx, v.known(), idsOf(posts))
	if err != nil {
		return nil, err
	}
	at := make(map[string]boards.At, len(posts))
	for _, place := range places {
		at[place.ID] = place
	}
	page := httpx.ListOf(posts, in.Limit, scope, func(p boards.Post) []string {
		return []string{strconv.FormatFloat(at[p.ID].Value, 'x', -1, 64), p.ID}
	})
	out := VisitorBoard{Name: b.Name, URL: b.URL, TakesPosts: b.Posting == boards.PostedByContacts && b.ArchivedAt == nil, Posts: []VisitorPost{}, NextCursor: page.NextCursor}
	for _, p := range page.Data {
		one := VisitorPost{ID: p.ID, Number: p.Number, Title: p.Title, Votes: p.Votes, Comments: p.Comments, Voted: voted[p.ID]}
		if i := slices.IndexFunc(b.Statuses, func(st boards.Status) bool { return st.Key == p.Status }); i >= 0 {
			one.Status, one.Color = b.Statuses[i].Name, b.Statuses[i].Color
		}
		out.Posts = append(out.Posts, one)
	}
	return &visitorBoardOut{out}, nil
}

// mayRead refuses who may not read a board; of a private one there is nothing to know.
func (s *Service) mayRead(ctx context.Context, b *boards.Board) error {
	err := s.Boards.MayRead(ctx, b, sessionOf(ctx).known())
	if fault.Is(err, fault.KindUnauthorized) {
		return fault.NotFound("board") // the session is in order; it is the person who is not known
	}
	return err
}

func placeOf(scope, cursor string) (*boards.At, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 2)
	if err != nil || values == nil {
		return nil, err
	}
	value, err := strconv.ParseFloat(values[0], 64)
	if err != nil {
		return nil, fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
	}
	return &boards.At{Value: value, ID: values[1]}, nil
}

func idsOf(posts []boards.Post) []string {
	ids := make([]string, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	return ids
}

// postVote has a visitor vote who proved who they are. Others are led to the board's
// pages, which can ask them.
func (s *Service) postVote(ctx context.Context, in *visitorVoteIn) (*visitorVoteOut, error) {
	contactID := sessionOf(ctx).known()
	b, err := s.Boards.BoardOfPost(ctx, in.ID)
	if err == nil {
		err = s.mayRead(ctx, &b)
	}
	if err != nil {
		return nil, err
	}
	if contactID == "" {
		return nil, fault.Conflict("sign_in_needed", "To vote, open the board and sign in there.")
	}
	var p boards.Post
	if in.Body.Voted {
		p, err = s.Boards.Vote(ctx, in.ID, contactID, "")
	} else if err = s.Boards.Unvote(ctx, in.ID, contactID); err == nil {
		p, err = s.Boards.Post(ctx, in.ID)
	}
	if err != nil {
		return nil, ended(err)
	}
	out := &visitorVoteOut{}
	out.Body.Votes, out.Body.Voted = p.Votes, in.Body.Voted
	return out, nil
}

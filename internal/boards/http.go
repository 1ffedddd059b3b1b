package boards

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type boardsIn struct{ httpx.Paging }

type boardsOut struct{ Body httpx.List[Board] }

type createBoardIn struct{ Body NewBoard }

type updateBoardIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    BoardChange
}

type boardOut struct {
	Status int
	ETag   string `header:"ETag"`
	Body   Board
}

type postsIn struct {
	httpx.ByID
	httpx.Paging
	Sort     string `query:"sort" enum:"trending,top,new,status,weight" default:"trending" doc:"By votes that fade by half each week, by votes, by age, by status in the order of the roadmap, or by what the votes weigh, which needs contacts:read."`
	Category string `query:"category" maxLength:"60"`
	Tag      string `query:"tag" maxLength:"50"`
	OwnerID  string `query:"owner_id" maxLength:"64" doc:"The operator who looks after them."`
	Status   string `query:"status" maxLength:"40"`
	State    string `query:"state" enum:"published,pending"`
	Q        string `query:"q" maxLength:"200" doc:"Words that a post must answer: those in titles may have a typo, and the last may be a beginning. The best first, then the most wanted, whatever the order. Do not look for people here: an address is kept in logs."`
}

type postsOut struct{ Body httpx.List[Post] }

type createPostIn struct {
	httpx.ByID
	Body NewPost
}

type updatePostIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    PostChange
}

type postOut struct {
	Status int
	ETag   string `header:"ETag"`
	Body   Post
}

type voteIn struct {
	httpx.ByID
	ContactID string `path:"contact_id" maxLength:"64"`
	Body      *struct {
		Importance string        `json:"importance,omitempty" enum:"nice,important,essential"`
		Agreement  *NewAgreement `json:"agreement,omitempty" doc:"That the contact agreed to it."`
	}
}

type unvoteIn struct {
	httpx.ByID
	ContactID string `path:"contact_id" maxLength:"64"`
}

type underPostIn struct {
	httpx.ByID
	httpx.Paging
}

type votesIn struct {
	httpx.ByID
	httpx.Paging
	Importance string `query:"importance" enum:"nice,important,essential,none" doc:"Those to whom it matters so much; none: who did not say."`
}

type votesOut struct{ Body httpx.List[Vote] }

type commentsOut struct{ Body httpx.List[Comment] }

type commentIn struct {
	httpx.ByID
	Body NewComment
}

type updateCommentIn struct {
	httpx.ByID
	Body CommentChange
}

type commentOut struct {
	Status int
	Body   Comment
}

type mergePostIn struct {
	httpx.ByID
	Body struct {
		PostID string `json:"post_id" maxLength:"64" doc:"The post that stands for both from now on."`
	}
}

// Routes mounts the boards' routes.
func (s *Service) Routes(r *httpx.Router) {
	const tag, read, write = "Boards", "boards:read", "boards:write"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards", ID: "listBoards", Tag: tag,
		Summary: "List boards, newest first", Permission: read}, s.listBoards)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards", ID: "createBoard", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a board", Permission: write}, s.createBoard)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}", ID: "getBoard", Tag: tag,
		Summary: "Get a board", Permission: read}, s.getBoard)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/boards/{id}", ID: "updateBoard", Tag: tag,
		Summary: "Change a board, or archive it", Permission: write}, s.updateBoard)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/posts", ID: "listPosts", Tag: tag,
		Summary: "List a board's posts", Permission: read}, s.listPosts)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/posts", ID: "createPost", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a post, the team's own or a contact's", Permission: write}, s.createPost)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/posts/{id}", ID: "getPost", Tag: tag,
		Summary: "Get a post", Permission: read}, s.getPost)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/posts/{id}", ID: "updatePost", Tag: tag,
		Summary: "Change a post's words, status, owner or date, or publish it", Permission: write}, s.updatePost)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/posts/{id}", ID: "deletePost", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove a post with its votes and comments", Permission: write}, s.deletePost0)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/posts/{id}/merge", ID: "mergePost", Tag: tag,
		Summary: "Merge a post into another one", Permission: write,
		Description: "Its votes count there too, once a person. The answer is the post that stands for both."}, s.mergePost)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/posts/{id}/unmerge", ID: "unmergePost", Tag: tag,
		Summary: "Take a merged post out again", Permission: write}, s.unmergePost)
	s.voteRoutes(r, tag, read, write)
	s.logoRoutes(r, tag, read, write)
	s.triageRoutes(r, tag, read, write)
	s.changelogRoutes(r, tag, read, write)
	s.moderationRoutes(r, tag, read, write)
	s.importRoutes(r, tag, read, write)
	s.countRoutes(r, tag, read)
	s.insightRoutes(r, tag, read)
	s.similarRoutes(r, tag, read)
	s.pendingRoutes(r, tag, read, write)
	s.talkRoutes(r, tag, read, write)
	s.pendingCountRoutes(r, tag, read)
	s.agreementRoutes(r, tag, read)
	s.fileRoutes(r, tag, read, write)
}

func (s *Service) voteRoutes(r *httpx.Router, tag, read, write string) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/posts/{id}/votes", ID: "listVotes", Tag: tag,
		Summary: "List who voted for a post", Permission: read}, s.listVotes)
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: "/api/v1/posts/{id}/votes/{contact_id}", ID: "addVote", Tag: tag,
		Summary: "Vote for a post on a contact's behalf", Permission: write,
		Description: "It may be repeated: a person has one vote. Who voted for them is kept. The answer is the post with its count."}, s.addVote0)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/posts/{id}/votes/{contact_id}", ID: "removeVote", Tag: tag, Status: http.StatusNoContent,
		Summary: "Take a contact's vote back", Permission: write}, s.removeVote)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/posts/{id}/comments", ID: "listComments", Tag: tag,
		Summary: "List a post's comments, oldest first", Permission: read}, s.listComments)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/posts/{id}/comments", ID: "createComment", Tag: tag, Status: http.StatusCreated,
		Summary: "Comment on a post", Permission: write}, s.createComment)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/comments/{id}", ID: "updateComment", Tag: tag,
		Summary: "Change a comment, publish it, or make it the official answer", Permission: write}, s.updateComment0)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/comments/{id}", ID: "deleteComment", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove a comment", Permission: write}, s.deleteComment0)
}

func (s *Service) listBoards(ctx context.Context, in *boardsIn) (*boardsOut, error) {
	scope := "boards " + actor.From(ctx).WorkspaceID
	before, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Boards(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &boardsOut{Body: httpx.ListOf(found, in.Limit, scope, func(b Board) []string { return []string{b.ID} })}, nil
}

// idCursor reads a cursor that holds an id; "" for the first page.
func idCursor(scope, cursor string) (string, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 1)
	if err != nil || values == nil {
		return "", err
	}
	return values[0], nil
}

func boardAnswer(status int, b Board) *boardOut {
	return &boardOut{Status: status, ETag: httpx.ETag(b.UpdatedAt), Body: b}
}

func (s *Service) createBoard(ctx context.Context, in *createBoardIn) (*boardOut, error) {
	b, err := s.CreateBoard(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return boardAnswer(http.StatusCreated, b), nil
}

func (s *Service) getBoard(ctx context.Context, in *httpx.ByID) (*boardOut, error) {
	b, err := s.Board(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return boardAnswer(http.StatusOK, b), nil
}

func (s *Service) updateBoard(ctx context.Context, in *updateBoardIn) (*boardOut, error) {
	b, err := s.UpdateBoard(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	if err != nil {
		return nil, err
	}
	return boardAnswer(http.StatusOK, b), nil
}

func (s *Service) listPosts(ctx context.Context, in *postsIn) (*postsOut, error) {
	scope := "posts " + in.ID + " " + in.Sort + " " + in.Status + " " + in.State + " " + in.Category + " " + in.Tag + " " + in.OwnerID
	after, err := decodeAt(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	f := Filter{Status: in.Status, State: in.State, Category: in.Category, Tag: in.Tag, OwnerID: in.OwnerID, Q: in.Q}
	found, places, err := s.Posts(ctx, in.ID, f, Sort(in.Sort), after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	at := make(map[string]At, len(found))
	for i, p := range found {
		at[p.ID] = places[i]
	}
	return &postsOut{Body: httpx.ListOf(found, in.Limit, scope, func(p Post) []string {
		return []string{strconv.FormatFloat(at[p.ID].Value, 'x', -1, 64), at[p.ID].ID}
	})}, nil
}

// decodeAt reads a cursor that holds a place in an order; nil is the first page. The
// number is written in hexadecimal, so that nothing of it is rounded.
func decodeAt(scope, cursor string) (*At, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 2)
	if err != nil || values == nil {
		return nil, err
	}
	value, err := strconv.ParseFloat(values[0], 64)
	if err != nil {
		return nil, fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
	}
	return &At{value, values[1]}, nil
}

func (s *Service) createPost(ctx context.Context, in *createPostIn) (*postOut, error) {
	p, err := s.CreatePost(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	noteAuthor(ctx, p.Author)
	return postAnswer(http.StatusCreated, p), nil
}

// noteAuthor has a kept answer sealed with the key of the contact whose words are in
// it.
func noteAuthor(ctx context.Context, author Author) {
	if author.Type == string(actor.Contact) {
		httpx.NoteContact(ctx, author.ID)
	}
}

func postAnswer(status int, p Post) *postOut {
	return &postOut{Status: status, ETag: httpx.ETag(p.UpdatedAt), Body: p}
}

func (s *Service) getPost(ctx context.Context, in *httpx.ByID) (*postOut, error) {
	p, err := s.Post(ctx, in.ID)
	if err == nil {
		p.Importance, err = s.Importance(ctx, p.ID)
	}
	if err != nil {
		return nil, err
	}
	return postAnswer(http.StatusOK, p), nil
}

func (s *Service) updatePost(ctx context.Context, in *updatePostIn) (*postOut, error) {
	p, err := s.UpdatePost(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	if err != nil {
		return nil, err
	}
	return postAnswer(http.StatusOK, p), nil
}

func (s *Service) deletePost0(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.DeletePost(ctx, in.ID)
}

func (s *Service) mergePost(ctx context.Context, in *mergePostIn) (*postOut, error) {
	return s.merged(ctx)(s.Merge(ctx, in.ID, in.Body.PostID))
}

func (s *Service) unmergePost(ctx context.Context, in *httpx.ByID) (*postOut, error) {
	return s.merged(ctx)(s.Unmerge(ctx, in.ID))
}

func (s *Service) merged(ctx context.Context) func(Post, error) (*postOut, error) {
	return func(p Post, err error) (*postOut, error) {
		if err != nil {
			return nil, err
		}
		noteAuthor(ctx, p.Author)
		return postAnswer(http.StatusOK, p), nil
	}
}

func (s *Service) listVotes(ctx context.Context, in *votesIn) (*votesOut, error) {
	scope := "votes " + in.ID + " " + in.Importance
	after, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Votes(ctx, in.ID, in.Importance, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &votesOut{Body: httpx.ListOf(found, in.Limit, scope, func(v Vote) []string { return []string{v.ContactID} })}, nil
}

func (s *Service) addVote0(ctx context.Context, in *voteIn) (*postOut, error) {
	importance := ""
	var note *NewAgreement
	if in.Body != nil {
		importance, note = in.Body.Importance, in.Body.Agreement
	}
	p, err := s.VoteFor(ctx, in.ID, in.ContactID, importance, note)
	if err != nil {
		return nil, err
	}
	return postAnswer(http.StatusOK, p), nil
}

func (s *Service) removeVote(ctx context.Context, in *unvoteIn) (*struct{}, error) {
	return nil, s.Unvote(ctx, in.ID, in.ContactID)
}

func (s *Service) listComments(ctx context.Context, in *underPostIn) (*commentsOut, error) {
	scope := "comments " + in.ID
	after, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Comments(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &commentsOut{Body: httpx.ListOf(found, in.Limit, scope, func(c Comment) []string { return []string{c.ID} })}, nil
}

func (s *Service) createComment(ctx context.Context, in *commentIn) (*commentOut, error) {
	c, err := s.AddComment(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	noteAuthor(ctx, c.Author)
	return &commentOut{Status: http.StatusCreated, Body: c}, nil
}

func (s *Service) updateComment0(ctx context.Context, in *updateCommentIn) (*commentOut, error) {
	c, err := s.UpdateComment(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	return &commentOut{Status: http.StatusOK, Body: c}, nil
}

func (s *Service) deleteComment0(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.RemoveComment(ctx, in.ID)
}

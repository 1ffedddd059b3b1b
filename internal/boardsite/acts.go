package boardsite

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/workspace"
)

// ballotLife is how long a browser remembers what it voted for without a name.
const ballotLife = 365 * 24 * time.Hour

// vote takes a vote, takes it back, or notes how much it matters. Doing the same twice
// does it once.
func (s *Site) vote(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.theirPost(r, v)
	if err != nil {
		return err
	}
	do, back := r.PostFormValue("do"), wayBack(r.PostFormValue("next"))
	if back == "" {
		back = postPath(p)
	}
	if v.person == nil {
		return s.voteUnnamed(w, r, v, p, back)
	}
	err = s.act(r, v, s.paces.votes, func(ctx context.Context) error {
		switch do {
		case "unvote":
			return s.Boards.Unvote(ctx, p.ID, boards.Voter(ctx))
		case "importance":
			_, err := s.Boards.Vote(ctx, p.ID, boards.Voter(ctx), r.PostFormValue("importance"))
			return err
		}
		if v.voted(p) { // how much it matters stays as it was said
			return nil
		}
		_, err := s.Boards.Vote(ctx, p.ID, boards.Voter(ctx), "")
		return err
	})
	if err == nil && do == "vote" {
		err = s.followIfAlways(r, v, p.ID)
	}
	if err != nil {
		return err
	}
	v.goTo(w, back, "")
	return nil
}

// followIfAlways has somebody follow what they took part in, if they want that always.
func (s *Site) followIfAlways(r *http.Request, v *visit, postID string) error {
	g, err := s.Boards.Guest(r.Context(), v.ws.ID, v.person.token)
	if err != nil {
		return err
	}
	always, err := s.Boards.Follows(r.Context(), v.ws.ID, g.ContactID)
	if err != nil || !always {
		return err
	}
	return s.Boards.Follow(g.As(r.Context()), postID)
}

// voteUnnamed takes a vote of somebody who did not sign in, where the board does;
// elsewhere it leads to signing in and back, and votes then.
func (s *Site) voteUnnamed(w http.ResponseWriter, r *http.Request, v *visit, p boards.Post, back string) error {
	if !v.takesUnnamed() {
		v.to(w, "/sign-in", "for", "vote", "post", number(p.Number), "next", back)
		return nil
	}
	ballot := cookie(r, ballotCookie)
	network := workspace.NetworkFrom(r.Context())
	as := boards.Unnamed(r.Context(), v.ws.ID)
	var err error
	if r.PostFormValue("do") == "unvote" {
		err = s.Boards.UnvoteAnonymously(as, p.ID, ballot)
	} else {
		if ballot == "" {
			ballot = boards.NewBallot()
		}
		err = s.castUnnamed(as, v, p.ID, boards.Ballot{Cookie: ballot, Network: network})
		if err == nil {
			s.setCookie(w, v, ballotCookie, ballot, ballotLife)
		}
	}
	if err != nil {
		return err
	}
	v.goTo(w, back, "")
	return nil
}

func (s *Site) castUnnamed(ctx context.Context, v *visit, postID string, b boards.Ballot) error {
	if wait := s.paces.votes.Take(s.Clock.Now(), v.ws.ID+" unnamed "+b.Network); wait > 0 {
		return fault.TooMany(wait, "That was much at once. Wait a moment, then go on.")
	}
	blocked, err := s.Voices.Contacts.IsBlockedNetwork(ctx, v.ws.ID, b.Network)
	if err == nil && blocked {
		err = contacts.BlockedError()
	}
	if err != nil {
		return err
	}
	return s.Boards.VoteAnonymously(ctx, postID, b)
}

func (s *Site) follow(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.theirPost(r, v)
	if err != nil {
		return err
	}
	if v.person == nil {
		v.to(w, "/sign-in", "for", "follow", "post", number(p.Number), "next", postPath(p))
		return nil
	}
	if r.PostFormValue("do") == "unfollow" {
		err = s.Boards.Unfollow(v.person.As(r.Context()), p.ID)
	} else {
		err = s.act(r, v, s.paces.votes, func(ctx context.Context) error { return s.Boards.Follow(ctx, p.ID) })
	}
	if err != nil {
		return err
	}
	back := wayBack(r.PostFormValue("next"))
	if back == "" {
		back = postPath(p)
	}
	v.goTo(w, back, "")
	return nil
}

// texts are what a form was sent with, to be shown again where something is wrong.
type texts struct {
	Title, Body, Category string
	Follow                bool
	Wrong                 map[string]string
	Similar               []boards.Post // what may be there already
}

// again tells whether a form is shown again since fields of it are wrong, and says so
// in the reader's language.
func (t *texts) again(v *visit, err error) bool {
	e := fault.As(err)
	if e == nil || e.Kind != fault.KindInvalid || len(e.Fields) == 0 {
		return false
	}
	t.Wrong = map[string]string{}
	for _, f := range e.Fields {
		t.Wrong[f.Field] = v.Or("field."+f.Field, v.T("field.wrong"))
	}
	return true
}

func textsOf(r *http.Request) texts {
	return texts{Title: r.PostFormValue("title"), Body: normal(r.PostFormValue("body")), Category: r.PostFormValue("category"), Follow: r.PostFormValue("follow") == "yes"}
}

// normal undoes the line ends of forms.
func normal(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

func (s *Site) newPost(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.person == nil {
		v.to(w, "/sign-in", "next", "/new")
		return nil
	}
	if err := v.takesPosts(); err != nil {
		return err
	}
	s.render(r.Context(), w, http.StatusOK, newPage(v, texts{}))
	return nil
}

func (v *visit) takesPosts() error {
	if v.board.ArchivedAt != nil || v.board.Posting != boards.PostedByContacts {
		return fault.Conflict("posting_closed", "Nobody writes posts here at the moment.")
	}
	return nil
}

func (s *Site) createPost(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.person == nil {
		v.to(w, "/sign-in", "next", "/new")
		return nil
	}
	t := textsOf(r)
	if offered, err := s.offered(w, r, v, t); offered || err != nil {
		return err
	}
	var p boards.Post
	err := s.write(r, v, func(ctx context.Context, staged []*files.Staged) (err error) {
		p, err = s.Boards.CreatePost(ctx, v.board.ID, boards.NewPost{Title: t.Title, Body: t.Body, Category: t.Category, Attaching: boards.Attaching{Staged: staged}, Proof: r.PostFormValue("proof")})
		return err
	})
	if t.again(v, err) {
		s.render(r.Context(), w, http.StatusUnprocessableEntity, newPage(v, t))
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.followAfter(r, v, p.ID, t.Follow); err != nil {
		return err
	}
	if p.State != boards.Published {
		v.to(w, "/me", "said", "waits")
		return nil
	}
	v.goTo(w, postPath(p), "")
	return nil
}

// followAfter has somebody follow what they wrote, if they ticked it or want it always.
func (s *Site) followAfter(r *http.Request, v *visit, postID string, ticked bool) error {
	if !ticked {
		return s.followIfAlways(r, v, postID)
	}
	g, err := s.Boards.Guest(r.Context(), v.ws.ID, v.person.token)
	if err != nil {
		return err
	}
	return s.Boards.Follow(g.As(r.Context()), postID)
}

func (s *Site) comment(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.theirPost(r, v)
	if err != nil {
		return err
	}
	if v.person == nil {
		v.to(w, "/sign-in", "next", postPath(p))
		return nil
	}
	t, parent := textsOf(r), r.PostFormValue("parent")
	var c boards.Comment
	err = s.write(r, v, func(ctx context.Context, staged []*files.Staged) (err error) {
		c, err = s.Boards.AddComment(ctx, p.ID, boards.NewComment{Body: t.Body, ParentID: parent, Attaching: boards.Attaching{Staged: staged}, Proof: r.PostFormValue("proof")})
		return err
	})
	if t.again(v, err) {
		s.render(r.Context(), w, http.StatusUnprocessableEntity, commentPage(v, p, parent, t))
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.followAfter(r, v, p.ID, t.Follow); err != nil {
		return err
	}
	v.goTo(w, postPath(p), c.ID)
	return nil
}

func (s *Site) editPost(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.ownPost(r, v)
	if err != nil {
		return err
	}
	s.render(r.Context(), w, http.StatusOK, editPage(v, p, texts{Title: p.Title, Body: p.Body}))
	return nil
}

func (s *Site) ownPost(r *http.Request, v *visit) (boards.Post, error) {
	if v.person == nil {
		return boards.Post{}, signInFirst()
	}
	n, err := postNumber(r)
	if err != nil {
		return boards.Post{}, err
	}
	return s.Boards.OwnPost(r.Context(), v.person.Guest, v.board.ID, n)
}

func (s *Site) savePost(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.ownPost(r, v)
	if err != nil {
		return err
	}
	t := textsOf(r)
	was := p
	err = s.write(r, v, func(ctx context.Context, staged []*files.Staged) (err error) {
		p, err = s.Boards.UpdatePost(ctx, was.ID, boards.PostChange{Title: &t.Title, Body: &t.Body, AttachingAll: boards.AttachingAll{FileIDs: keptFiles(r), Staged: staged}}, nil)
		return err
	})
	if t.again(v, err) {
		s.render(r.Context(), w, http.StatusUnprocessableEntity, editPage(v, was, t))
		return nil
	}
	if err != nil {
		return err
	}
	if p.State != boards.Published {
		v.to(w, "/me")
		return nil
	}
	v.goTo(w, postPath(p), "")
	return nil
}

func (s *Site) deletePost(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.ownPost(r, v)
	if err == nil {
		err = s.Boards.DeletePost(v.person.As(r.Context()), p.ID)
	}
	if err != nil {
		return err
	}
	v.to(w, "/me", "said", "removed")
	return nil
}

func (s *Site) ownComment(r *http.Request, v *visit) (boards.Comment, boards.Post, error) {
	if v.person == nil {
		return boards.Comment{}, boards.Post{}, signInFirst()
	}
	c, p, err := s.Boards.OwnComment(r.Context(), v.person.Guest, r.PathValue("comment"))
	if err == nil && p.BoardID != v.board.ID {
		err = fault.NotFound("comment")
	}
	return c, p, err
}

func (s *Site) editComment(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, p, err := s.ownComment(r, v)
	if err != nil {
		return err
	}
	s.render(r.Context(), w, http.StatusOK, editCommentPage(v, p, c, texts{Body: c.Body}))
	return nil
}

func (s *Site) saveComment(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, p, err := s.ownComment(r, v)
	if err != nil {
		return err
	}
	t := textsOf(r)
	err = s.write(r, v, func(ctx context.Context, staged []*files.Staged) error {
		_, err := s.Boards.UpdateComment(ctx, c.ID, boards.CommentChange{Body: &t.Body, AttachingAll: boards.AttachingAll{FileIDs: keptFiles(r), Staged: staged}})
		return err
	})
	if t.again(v, err) {
		s.render(r.Context(), w, http.StatusUnprocessableEntity, editCommentPage(v, p, c, t))
		return nil
	}
	if err != nil {
		return err
	}
	v.goTo(w, postPath(p), c.ID)
	return nil
}

func (s *Site) deleteComment(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, p, err := s.ownComment(r, v)
	if err == nil {
		err = s.Boards.RemoveComment(v.person.As(r.Context()), c.ID)
	}
	if err != nil {
		return err
	}
	v.goTo(w, postPath(p), "")
	return nil
}

package boardsite

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/workspace"
)

// Voices is what the pages need where people speak for themselves.
type Voices struct {
	Privacy  *privacy.Service
	Contacts *contacts.Service
	Children *children.Service
	IDs      id.Source
}

// The cookies. Each is sent to the boards of one workspace alone, is set with
// something that somebody does and not before, and no script can read it.
const (
	sessionCookie = "botimum_board"
	ballotCookie  = "botimum_ballot"     // of votes without a name
	askCookie     = "botimum_board_asks" // of the browser that asked for a link
)

// paces are how often things may be done: at once, and then one per interval.
type paces struct {
	links, votes, texts, busy *httpx.Pace
}

func newPaces() paces {
	return paces{
		links: httpx.NewPace(time.Minute, 20),           // links asked for, by network
		votes: httpx.NewPace(time.Second, 60),           // clicks, by person or cookie
		texts: httpx.NewPace(20*time.Second, 15),        // posts and comments, by person
		busy:  httpx.NewPace(100*time.Millisecond, 600), // anything, by network
	}
}

// voiceRoutes are the pages on which people speak for themselves.
func (s *Site) voiceRoutes() {
	s.open("GET /sign-in", door(s.signInPage))
	s.open("POST /sign-in", door(s.guarded(s.askSignIn)))
	s.open("GET /sign-in/asked", door(s.asked))
	s.open("GET /identity.js", script(identityJS))
	s.open("GET /work.js", script(workJS))
	s.on("GET /challenge", s.challenge)
	s.open("GET /sign-in/from", door(s.fromWebsite))
	s.open("POST /sign-in/identity", door(s.vouched))
	s.open("GET /sign-in/{token}", door(s.link))
	s.open("POST /sign-in/{token}", door(s.guarded(s.openLink)))
	s.open("POST /sign-out", s.guarded(s.signOut))
	s.open("GET /unsubscribe/{token}", s.unsubscribePage)
	s.open("POST /unsubscribe/{token}", s.unsubscribe) // mail programs send it, too (RFC 8058)
	s.on("POST /p/{post}/vote", s.guarded(s.vote))
	s.on("POST /p/{post}/follow", s.guarded(s.follow))
	s.on("POST /p/{post}/comments", s.guarded(s.comment))
	s.on("GET /p/{post}/edit", s.editPost)
	s.on("POST /p/{post}/edit", s.guarded(s.savePost))
	s.on("POST /p/{post}/delete", s.guarded(s.deletePost))
	s.on("POST /p/{post}/react", s.guarded(s.react))
	s.on("GET /c/{comment}/edit", s.editComment)
	s.on("POST /c/{comment}/edit", s.guarded(s.saveComment))
	s.on("POST /c/{comment}/delete", s.guarded(s.deleteComment))
	s.on("GET /new", s.newPost)
	s.open("GET /similar.js", script(similarJS))
	s.on("POST /similar", s.guarded(s.similar))
	s.on("POST /new", s.guarded(s.createPost))
	s.open("GET /me", s.me)
	s.open("POST /me", s.guarded(s.decide))
}

// door is a page to come in by; a board that only operators read has none.
func door(do page) page {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if v.board.Visibility == boards.Private {
			return fault.NotFound("page")
		}
		return do(w, r, v)
	}
}

// contactSession is somebody who signed in.
type contactSession struct {
	boards.Guest
	token string // of the cookie
}

// who finds who asks, by the cookie of their session. One that has ended is as good
// as none.
func (s *Site) who(ctx context.Context, r *http.Request, v *visit) (context.Context, error) {
	v.mine = sync.OnceValue(func() boards.Mine { return s.mineOf(ctx, r, v) })
	v.works = sync.OnceValue(func() bool { return s.asksForWork(ctx, v) })
	v.waiting = func(postID string) []boards.Comment { return s.waiting(ctx, v, postID) }
	token := cookie(r, sessionCookie)
	if token == "" {
		return ctx, nil
	}
	g, err := s.Boards.Guest(ctx, v.ws.ID, token)
	if fault.Is(err, fault.KindUnauthorized) {
		return ctx, nil
	}
	if err != nil {
		return ctx, err
	}
	v.person = &contactSession{g, token}
	return ctx, nil
}

// mineOf gives what the reader voted for and follows: by their sign-in, or the cookie
// of votes without a name. A page is not lost over it.
func (s *Site) mineOf(ctx context.Context, r *http.Request, v *visit) boards.Mine {
	m := boards.Mine{Votes: map[string]string{}, Follows: map[string]bool{}}
	var err error
	if v.person != nil {
		m, err = s.Boards.Mine(ctx, v.person.Guest)
	} else if ballot := cookie(r, ballotCookie); ballot != "" && v.takesUnnamed() {
		var posts []string
		posts, err = s.Boards.Ballots(ctx, v.ws.ID, ballot)
		for _, postID := range posts {
			m.Votes[postID] = ""
		}
	}
	if err != nil {
		s.Logger.ErrorContext(ctx, "what a reader voted for was not found", "error", err)
		return boards.Mine{Votes: map[string]string{}, Follows: map[string]bool{}}
	}
	return m
}

func (s *Site) waiting(ctx context.Context, v *visit, postID string) []boards.Comment {
	if v.person == nil {
		return nil
	}
	found, err := s.Boards.Pending(ctx, v.person.Guest, postID)
	if err != nil {
		s.Logger.ErrorContext(ctx, "what waits of a reader was not found", "error", err)
	}
	return found
}

// takesUnnamed tells whether people vote here who did not sign in. Where ages are
// asked, nothing is taken of somebody whose age is not known.
func (v *visit) takesUnnamed() bool {
	return v.board.AnonymousVotes && v.board.Visibility == boards.Public && !v.ws.Settings.AgeGate
}

func (v *visit) voted(p boards.Post) bool {
	_, is := v.mine().Votes[p.ID]
	return is
}

// isOwn tells whether something was written by the reader.
func (v *visit) isOwn(a boards.Author) bool {
	return v.person != nil && a.Type == "contact" && a.ID == v.person.ContactID
}

// cookie gives what the browser keeps under a name; "" for nothing.
func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

func pressed(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// setCookie keeps something in the browser, for the boards of this workspace alone.
func (s *Site) setCookie(w http.ResponseWriter, v *visit, name, value string, life time.Duration) {
	path := "/"
	if v.base != "" {
		path = "/b/" + v.ws.Slug
	}
	age := int(life.Seconds())
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: path, MaxAge: age, HttpOnly: true, Secure: strings.HasPrefix(s.PublicURL, "https://"),
		SameSite: http.SameSiteLaxMode})
}

// guarded lets a form through that a page of ours sent, not too often from one
// network, and of somebody who is signed in with a token that no other site knows.
func (s *Site) guarded(do page) page {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		w.Header().Set("Cache-Control", "no-store")
		if isForeign(r) {
			return staleForm()
		}
		if wait := s.paces.busy.Take(s.Clock.Now(), workspace.NetworkFrom(r.Context())); wait > 0 {
			return fault.TooMany(time.Second, "Much comes from this network at once. Wait a moment, then try again.")
		}
		if err := v.readForm(r); err != nil {
			return err
		}
		if v.person != nil && !v.person.knows(r.PostFormValue("form")) {
			return staleForm()
		}
		if s.trapped(w, r, v) {
			return nil
		}
		return do(w, r, v)
	}
}

// isForeign tells whether a form was sent by a page of another website. Browsers that
// say nothing of where a form comes from are let through: they send no cookie of ours
// along with it (SameSite), and whoever is signed in needs the form's token.
func isForeign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return true
	case "same-origin", "none":
		return false
	}
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	return origin != "" && origin != "null" && (err != nil || u.Host != r.Host)
}

func staleForm() error {
	return &fault.Error{Kind: fault.KindForbidden, Code: "csrf", Detail: "This form is out of date. Load the page again."}
}

const nonceSize = 12

// formToken proves that a form came from a page of this session. It is another one
// each time, so that nothing of it can be guessed from how well a page is compressed.
func (c *contactSession) formToken() string {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(slices.Concat(nonce, c.formMAC(nonce)))
}

func (c *contactSession) formMAC(nonce []byte) []byte {
	mac := hmac.New(sha256.New, []byte(c.token))
	mac.Write([]byte("board form"))
	mac.Write(nonce)
	return mac.Sum(nil)
}

func (c *contactSession) knows(token string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	return err == nil && len(raw) > nonceSize && hmac.Equal(raw[nonceSize:], c.formMAC(raw[:nonceSize]))
}

// act has the person who is signed in do something, if they are let in.
func (s *Site) act(r *http.Request, v *visit, pace *httpx.Pace, do func(ctx context.Context) error) error {
	if v.person == nil {
		return signInFirst()
	}
	g := v.person.Guest
	if wait := pace.Take(s.Clock.Now(), v.ws.ID+" "+g.SessionID); wait > 0 {
		return fault.TooMany(wait, "That was much at once. Wait a moment, then go on.")
	}
	if v.ws.Settings.AgeGate && g.Age == "" && g.Proof == boards.ByMail {
		return &fault.Error{Kind: fault.KindForbidden, Code: "age_check_needed", Detail: "Sign in again and say when you were born. Nothing was stored."}
	}
	if err := s.Voices.Contacts.LetsIn(r.Context(), v.ws.ID, g.ContactID, workspace.NetworkFrom(r.Context())); err != nil {
		return err
	}
	return s.Boards.Act(r.Context(), g, do)
}

func signInFirst() error {
	return &fault.Error{Kind: fault.KindUnauthorized, Code: "sign_in_first", Detail: "Sign in first."}
}

// theirPost gives the post that an address names.
func (s *Site) theirPost(r *http.Request, v *visit) (boards.Post, error) {
	n, err := postNumber(r)
	if err != nil {
		return boards.Post{}, err
	}
	return s.Boards.PostByNumber(r.Context(), v.board.ID, n)
}

func postNumber(r *http.Request) (int64, error) {
	digits, _, _ := strings.Cut(r.PathValue("post"), "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || len(digits) > 18 {
		return 0, fault.NotFound("post")
	}
	return n, nil
}

var (
	ownPath  = regexp.MustCompile(`^/(p/[0-9]{1,18}(-[a-z0-9-]{0,80})?|me|new|roadmap|changelog(/[a-z0-9_-]{1,120})?)?$`)
	ownQuery = []string{"sort", "status", "category", "tag", "q", "cursor", "after", "lang"}
)

// wayBack gives where to go on, below the board: only a page of its own, whatever was
// asked for.
func wayBack(asked string) string {
	if asked == "" || len(asked) > 1000 || strings.ContainsAny(asked, "\\\r\n\x00") {
		return ""
	}
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || !ownPath.MatchString(u.Path) {
		return ""
	}
	kept := url.Values{}
	for _, name := range ownQuery {
		if value := u.Query().Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	if len(kept) == 0 {
		return u.Path
	}
	return u.Path + "?" + kept.Encode()
}

// here is this page, to come back to.
func (v *visit) here() string {
	if len(v.query) == 0 {
		return wayBack(v.path)
	}
	return wayBack(v.path + "?" + v.query.Encode())
}

// goTo sends the browser on to a page of the board that wayBack let through.
func (v *visit) goTo(w http.ResponseWriter, way, anchor string) {
	path, query, _ := strings.Cut(way, "?")
	if path == "" {
		path = "/"
	}
	if path == "/" && v.base != "" {
		path = ""
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	if v.chosen != "" {
		q.Set("lang", v.chosen)
	}
	address := v.base + path
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	if anchor != "" {
		address += "#" + anchor
	}
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
}

// actKey names the page of a failure that is about who acts; "" for others.
func actKey(e *fault.Error) string {
	switch e.Code {
	case "link_invalid":
		return "link"
	case "csrf":
		return "stale"
	case "sign_in_first", "age_check_needed":
		return "signin"
	case "identity_token_refused":
		return "refused"
	case "processing_restricted", "contact_in_bin":
		return "frozen"
	case "blocked":
		return "blocked"
	case children.CodeParentNeeded:
		return "parent"
	case "board_archived", "posting_closed":
		return "closed"
	case "already_approved", "others_took_part":
		return "kept"
	case "too_many_ballots":
		return "crowd"
	case "no_mail":
		return "nomail"
	}
	return ""
}

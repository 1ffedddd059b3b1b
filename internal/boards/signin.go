package boards

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// linkLife is for how long a link that signs somebody in can be opened.
const linkLife = 15 * time.Minute

// liveLinks is how many links for one address may wait to be opened.
const liveLinks = 3

// Templates of mails that this package writes.
const (
	mailSignIn  = "board_sign_in"
	mailStatus  = "post_status"
	mailAnswer  = "post_answer"
	mailMerged  = "post_merged"
	mailShipped = "post_shipped"
)

// Letter is a mail that something here causes: a template and where it goes.
type Letter struct {
	WorkspaceID, ContactID string
	Address, Name, Locale  string
	Template               string
	Values                 map[string]string
	Titles                 map[string]string // values that are titles, and of which posts: they are put in when it is sent
	Key                    string            // the same is sent once
	Expires                time.Time         // when it is of no use any more
	Unsubscribe            string            // what ends such mails with one click
}

// Wish is what somebody wanted to do when they were asked to sign in: it is done
// once they have.
type Wish struct {
	Next     string        `json:"next,omitempty"` // where to go on, below the board
	PostID   string        `json:"post,omitempty"` // what it was about
	Vote     bool          `json:"vote,omitempty"`
	Follow   bool          `json:"follow,omitempty"` // that they ticked to be told of it
	Consents []ConsentWish `json:"consents,omitempty"`
}

// ConsentWish is a purpose that somebody ticked, in the version that they were shown.
type ConsentWish struct {
	Purpose string `json:"purpose"`
	Version int64  `json:"version"`
}

// SignIn is what somebody gives who asks for a link.
type SignIn struct {
	BoardID string
	Address string
	Locale  string
	Age     string // what the age gate found; "" where it was not asked
	Browser string // the cookie of the browser that asks
	Wish    Wish
	// URL gives where a link leads with its token.
	URL func(token string) string
}

// linkContent is what is sealed of a link.
type linkContent struct {
	Address string `json:"address"`
	Locale  string `json:"locale,omitempty"`
	Age     string `json:"age,omitempty"`
	Wish    Wish   `json:"wish"`
}

// linkPlace binds a link's content to its row.
func linkPlace(hash []byte) vault.Place {
	return vault.Place{Table: "board_links", Column: "content_sealed", Row: hex.EncodeToString(hash)}
}

const insertLink = `
	INSERT INTO board_links (workspace_id, token_hash, contact_id, board_id, email_token, browser_hash, content_sealed, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// AskSignIn has a link sent to an address. It does not look whether anybody has the
// address, and so cannot tell. Where enough links wait for it none is sent, and the
// answer is the same.
func (s *Service) AskSignIn(ctx context.Context, workspaceID string, in SignIn) error {
	const op = "boards.AskSignIn"
	in.Address = strings.TrimSpace(in.Address)
	if !contacts.IsAddress(in.Address) {
		return fault.Invalid("email", "is not an address; write it as name@example.org")
	}
	if s.Voices.Mail == nil {
		return fault.Unavailable("no_mail", "This server sends no mail, so nobody can sign in by it.")
	}
	address, err := s.Contacts.AddressToken(ctx, workspaceID, in.Address)
	if err != nil {
		return fault.Wrap(op, err)
	}
	now := s.Clock.Now()
	waiting, err := s.waitingLinks(ctx, workspaceID, address, now)
	if err != nil || waiting >= liveLinks {
		return fault.Wrap(op, err)
	}
	if blocked, err := s.Contacts.IsBlockedAddress(ctx, workspaceID, in.Address); err != nil || blocked {
		return fault.Wrap(op, err) // they hear what everybody hears
	}
	sub := vault.Subject{Workspace: workspaceID, ID: s.IDs.New(id.Contact)}
	if err := s.Vault.Create(ctx, sub); err != nil {
		return fault.Wrap(op, err)
	}
	stored, err := s.sendSignIn(ctx, sub, address, in, now)
	if err != nil || !stored {
		err = errors.Join(err, s.Vault.Erase(ctx, sub))
	}
	return fault.Wrap(op, err)
}

func (s *Service) waitingLinks(ctx context.Context, workspaceID string, address []byte, now time.Time) (n int, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		n, err = countLinks(tx, workspaceID, address, now)
		return err
	})
	return n, err
}

func countLinks(tx *storage.Tx, workspaceID string, address []byte, now time.Time) (n int, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM board_links WHERE workspace_id = $1 AND email_token = $2 AND expires_at > $3`,
		workspaceID, address, clock.Micros(now)).Scan(&n)
	return n, err
}

// sendSignIn stores a link and queues its mail; stored is false where others filled
// the address's measure meanwhile.
func (s *Service) sendSignIn(ctx context.Context, sub vault.Subject, address []byte, in SignIn, now time.Time) (stored bool, err error) {
	key, err := s.Vault.Key(ctx, sub)
	if err != nil {
		return false, err
	}
	token, hash := newToken()
	raw, err := json.Marshal(linkContent{in.Address, in.Locale, in.Age, in.Wish})
	if err != nil {
		return false, err
	}
	queue, err := s.Voices.Mail(ctx, Letter{WorkspaceID: sub.Workspace, ContactID: sub.ID, Address: in.Address, Locale: in.Locale, Template: mailSignIn,
		Values: map[string]string{"url": in.URL(token), "minutes": strconv.Itoa(int(linkLife.Minutes()))}, Key: mailSignIn + ":" + sub.ID, Expires: now.Add(linkLife)})
	if err != nil {
		return false, err
	}
	sealed := key.Seal(linkPlace(hash), raw)
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		stored = false
		if err := tx.Lock("board links " + sub.Workspace + " " + hex.EncodeToString(address)); err != nil {
			return err
		}
		if waiting, err := countLinks(tx, sub.Workspace, address, now); err != nil || waiting >= liveLinks {
			return err
		}
		browser := sha256.Sum256([]byte(in.Browser))
		_, err := tx.Exec(insertLink, sub.Workspace, hash, sub.ID, in.BoardID, address, browser[:], sealed, clock.Micros(now.Add(linkLife)))
		if err != nil {
			return err
		}
		stored = true
		return queue(tx)
	})
	return stored, err
}

// Link is what a link is about, to who opens it.
type Link struct {
	Address string // with all but its ends hidden
	Same    bool   // it is opened in the browser that asked for it
	Locale  string
}

const selectLink = `SELECT contact_id, board_id, email_token, browser_hash, content_sealed FROM board_links WHERE workspace_id = $1 AND token_hash = $2 AND expires_at > $3`

// LookSignIn gives what a link is about, or link_invalid. It uses nothing up:
// programs that look into mails follow links.
func (s *Service) LookSignIn(ctx context.Context, workspaceID, token, browser string) (Link, error) {
	l, c, err := s.openLink(ctx, workspaceID, token)
	if err != nil {
		return Link{}, fault.Wrap("boards.LookSignIn", err)
	}
	mine := sha256.Sum256([]byte(browser))
	return Link{Address: veiled(c.Address), Same: browser != "" && subtle.ConstantTimeCompare(mine[:], l.browser) == 1, Locale: c.Locale}, nil
}

// veiled hides all of an address but its ends.
func veiled(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "…"
	}
	name := []rune(address[:at])
	return string(name[:1]) + "…" + address[at:]
}

type linkRow struct {
	contactID, boardID     string
	address, browser, hash []byte
}

func invalidLink() error {
	return fault.Gone("link_invalid", "This link does not work any more: it was used, or a quarter of an hour has passed. Ask for a new one.")
}

func (s *Service) openLink(ctx context.Context, workspaceID, token string) (l linkRow, c linkContent, err error) {
	if !looksLikeToken(token) {
		return l, c, invalidLink()
	}
	l.hash = hashOf(token)
	var content []byte
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(selectLink, workspaceID, l.hash, clock.Micros(s.Clock.Now())).Scan(&l.contactID, &l.boardID, &l.address, &l.browser, &content)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return l, c, invalidLink()
	}
	if err != nil {
		return l, c, err
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: l.contactID})
	if fault.Is(err, fault.KindGone) {
		return l, c, invalidLink()
	}
	if err != nil {
		return l, c, err
	}
	raw, err := key.Open(linkPlace(l.hash), content)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	return l, c, fault.Wrap("open a link", err)
}

const takeLink = `DELETE FROM board_links WHERE workspace_id = $1 AND token_hash = $2 AND expires_at > $3`

// OpenSignIn uses a link up, and gives the session that it opens, who that is, and
// what they wanted to do. One that was forged, used before, is of another workspace
// or has expired gives link_invalid, without a hint which.
func (s *Service) OpenSignIn(ctx context.Context, workspaceID, token string) (session string, g Guest, w Wish, err error) {
	const op = "boards.OpenSignIn"
	l, c, err := s.openLink(ctx, workspaceID, token)
	if err != nil {
		return "", g, w, fault.Wrap(op, err)
	}
	g = Guest{SessionID: s.IDs.New("bss"), WorkspaceID: workspaceID, Proof: ByMail, Age: c.Age, Locale: c.Locale, address: c.Address}
	promised := vault.Subject{Workspace: workspaceID, ID: l.contactID}
	content, err := s.sealPromise(ctx, promised, g)
	if err != nil {
		return "", g, w, fault.Wrap(op, err)
	}
	broken := false
	err = s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		broken = false
		if err := s.whoOpens(tx, l, &g); err != nil {
			return err
		}
		n, err := tx.Exec(takeLink, workspaceID, l.hash, clock.Micros(s.Clock.Now()))
		if err == nil && n == 0 {
			err = invalidLink()
		}
		if err != nil {
			return err
		}
		if session, err = s.newSession(tx, &g, content); err != nil || g.Promised {
			return err
		}
		broken, err = s.breakPromise(ctx, tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: l.contactID})
		return err
	})
	if err != nil {
		return "", g, w, fault.Wrap(op, err)
	}
	if broken {
		err = s.Vault.Erase(ctx, promised)
	}
	return session, g, c.Wish, fault.Wrap(op, err)
}

// whoOpens finds whose address a link was sent to: a contact, or nobody yet. An
// erasure of theirs is waited for.
func (s *Service) whoOpens(tx *storage.Tx, l linkRow, g *Guest) error {
	known, err := ownerIn(tx, g.WorkspaceID, l.address)
	if err != nil {
		return err
	}
	if known == "" {
		g.ContactID, g.Promised = l.contactID, true
		return privacy.LockSubject(tx, g.subject())
	}
	for _, one := range inOrder(known, l.contactID) {
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: g.WorkspaceID, ContactID: one}); err != nil {
			return err
		}
	}
	g.ContactID, g.Promised = known, false
	err = contacts.Exists(tx, g.WorkspaceID, known)
	if fault.Is(err, fault.KindNotFound) { // erased this moment: somebody new
		g.ContactID, g.Promised, err = l.contactID, true, nil
	}
	return err
}

func (s *Service) sealPromise(ctx context.Context, sub vault.Subject, g Guest) ([]byte, error) {
	key, err := s.Vault.Key(ctx, sub)
	if fault.Is(err, fault.KindGone) {
		return nil, invalidLink()
	}
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(promise{g.address})
	if err != nil {
		return nil, err
	}
	return key.Seal(sessionPlace(g.SessionID), raw), nil
}

func (s *Service) eraseKey(ctx context.Context, sub privacy.Subject) error {
	return s.Vault.Erase(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
}

const useToken = `
	INSERT INTO board_tokens (workspace_id, token_hash, expires_at) VALUES ($1, $2, $3) ON CONFLICT (workspace_id, token_hash) DO NOTHING`

// SignInVouched opens a session for a contact whom the customer's system vouched for
// by a token, which signs them in once.
func (s *Service) SignInVouched(ctx context.Context, g Guest, token string, expires time.Time) (session string, out Guest, err error) {
	g.SessionID, g.Proof = s.IDs.New("bss"), ByIdentity
	err = s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		if err := privacy.LockSubject(tx, g.subject()); err != nil {
			return err
		}
		if err := contacts.Exists(tx, g.WorkspaceID, g.ContactID); err != nil {
			return err
		}
		n, err := tx.Exec(useToken, g.WorkspaceID, hashOf(signed(token)), clock.Micros(expires))
		if err != nil {
			return err
		}
		if n == 0 {
			return usedToken()
		}
		session, err = s.newSession(tx, &g, nil)
		return err
	})
	return session, g, fault.Wrap("boards.SignInVouched", err)
}

// TokenUsed refuses a token that signed somebody in before: it is asked before
// anything that the token says is taken.
func (s *Service) TokenUsed(ctx context.Context, workspaceID, token string) error {
	var n int
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM board_tokens WHERE workspace_id = $1 AND token_hash = $2`, workspaceID, hashOf(signed(token))).Scan(&n)
	})
	if err == nil && n > 0 {
		err = usedToken()
	}
	return fault.Wrap("boards.TokenUsed", err)
}

// signed gives the part of a token that its signature is of: the signature itself can
// be written in more than one way.
func signed(token string) string {
	part, _, _ := cutLast(token, '.')
	return part
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func usedToken() error {
	return &fault.Error{Kind: fault.KindUnauthorized, Code: "identity_token_refused", Detail: "This identity token was used before. Have your server sign a new one."}
}

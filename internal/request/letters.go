package request

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/workspace"
)

// linkLife is for how long a link that proves an address can be opened.
const linkLife = 30 * time.Minute

// liveLinks is how many links for one address may wait to be opened.
const liveLinks = 3

// letters are mails that are sealed and wait for the transaction of what causes them.
type letters []func(tx *storage.Tx) error

func (ls letters) queue(tx *storage.Tx) error {
	for _, queue := range ls {
		if err := queue(tx); err != nil {
			return err
		}
	}
	return nil
}

// toContact gives the mail to the person of a request, or nothing where they have
// no address.
func (s *Service) toContact(ctx context.Context, r row, locale, template, key string, values map[string]string) (letters, error) {
	if s.Mail == nil {
		return nil, nil
	}
	c, err := s.Contacts.FindPerson(ctx, r.workspaceID, r.contactID)
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
		return nil, nil
	}
	if err != nil || c.Email == "" {
		return nil, err
	}
	if r.proof == BySession && !c.Verified { // the answer is on their screen; the address may be a stranger's
		return nil, nil
	}
	queue, err := s.Mail(ctx, Letter{WorkspaceID: r.workspaceID, ContactID: r.contactID, Address: c.Email, Name: c.Name,
		Locale: firstOf(locale, c.Locale), Template: template, Values: values, Key: key})
	if err != nil { // a mail that cannot be written is no reason to refuse a right
		s.Logger.WarnContext(ctx, "a person could not be written to", "request", r.id, "template", template, "error", err)
		return nil, nil
	}
	return letters{queue}, nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// greeting gives the mail that says a request has arrived; to somebody whose
// identity is not proven, the link with which they prove it.
func (s *Service) greeting(ctx context.Context, ws workspace.Workspace, r row, locale, token string) (letters, error) {
	if r.state == Received {
		return s.proofLink(ctx, ws, r, locale)
	}
	return s.toContact(ctx, r, locale, "request_received", "request_received:"+r.id, map[string]string{
		"kind": r.kind, "due_date": r.due.Format(time.DateOnly), "url": s.statusURL(ws, token, locale)})
}

func (s *Service) proofLink(ctx context.Context, ws workspace.Workspace, r row, locale string) (letters, error) {
	c, err := s.Contacts.FindPerson(ctx, r.workspaceID, r.contactID)
	if err != nil || c.Email == "" {
		return nil, err
	}
	return s.linkLetters(ctx, ws, c, locale)
}

// linkLetters makes a link that proves the contact's address, and the mail with it.
func (s *Service) linkLetters(ctx context.Context, ws workspace.Workspace, c contacts.Contact, locale string) (letters, error) {
	if s.Mail == nil {
		return nil, nil
	}
	address, err := s.Contacts.AddressToken(ctx, ws.ID, c.Email)
	if err != nil {
		return nil, err
	}
	locale = firstOf(locale, c.Locale, ws.Settings.Locale)
	token, hash := newToken()
	now := s.Clock.Now()
	queue, err := s.Mail(ctx, Letter{WorkspaceID: ws.ID, ContactID: c.ID, Address: c.Email, Name: c.Name, Locale: locale,
		Template: "privacy_link", Values: map[string]string{"url": s.linkURL(ws, token, locale), "minutes": strconv.Itoa(int(linkLife.Minutes()))},
		Key: "privacy_link:" + s.IDs.New("lnk"), Expires: now.Add(linkLife)})
	if err != nil {
		return nil, err
	}
	return letters{func(tx *storage.Tx) error {
		// The person first, as everywhere: two that wait for each other's lock would both fail.
		if err := privacy.LockSubject(tx, privacy.Subject{WorkspaceID: ws.ID, ContactID: c.ID}); err != nil {
			return err
		}
		if err := tx.Lock("portal links " + ws.ID + " " + string(address)); err != nil {
			return err
		}
		waiting, err := countLinks(tx, ws.ID, address, now)
		if err != nil || waiting >= liveLinks {
			return err
		}
		if _, err := tx.Exec(insertLink, ws.ID, hash, c.ID, address, clock.Micros(now.Add(linkLife))); err != nil {
			return err
		}
		return queue(tx)
	}}, nil
}

const insertLink = `INSERT INTO portal_links (workspace_id, token_hash, contact_id, email_token, expires_at) VALUES ($1, $2, $3, $4, $5)`

const countLinksSQL = `SELECT COUNT(*) FROM portal_links WHERE workspace_id = $1 AND email_token = $2 AND expires_at > $3`

func countLinks(tx *storage.Tx, workspaceID string, address []byte, now time.Time) (n int, err error) {
	err = tx.QueryRow(countLinksSQL, workspaceID, address, clock.Micros(now)).Scan(&n)
	return n, err
}

// outcome gives the mail that says how a request ended.
func (s *Service) outcome(ctx context.Context, r row, d details) (letters, error) {
	ws, err := s.Workspaces.Get(ctx, r.workspaceID)
	if err != nil {
		return nil, err
	}
	locale, err := s.localeOf(ctx, ws, r, d.Locale)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"kind": r.kind, "url": s.statusURL(ws, d.Link, locale)}
	template := "request_completed"
	if r.state == Refused {
		template = "request_refused"
		values["reason"] = clip(firstOf(d.Answer, ReasonText(r.reason, locale)))
		values["authority"] = authorityOf(ws)
	}
	// While somebody is restricted only mails about requests go out; that one says less.
	if r.state == Completed && r.kind == Rectification && len(d.Changes) > 0 && privacy.WorksForCustomer(actor.From(ctx)) && r.person.Restricted == 0 {
		template = "rectified"
		values = map[string]string{"fields": strings.Join(slices.Sorted(maps.Keys(d.Changes)), ",")}
	}
	return s.toContact(ctx, r, locale, template, template+":"+r.id, values)
}

// localeOf gives the language to write to a person in: that of the request, else
// their own, else the workspace's.
func (s *Service) localeOf(ctx context.Context, ws workspace.Workspace, r row, asked string) (string, error) {
	if asked != "" || r.contactID == "" {
		return firstOf(asked, ws.Settings.Locale), nil
	}
	c, err := s.Contacts.FindPerson(ctx, r.workspaceID, r.contactID)
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone) {
		return ws.Settings.Locale, nil
	}
	return firstOf(c.Locale, ws.Settings.Locale), err
}

// mostMailed is how many bytes of an answer go into a mail; all of it stands in the
// portal.
const mostMailed = 3500

func clip(text string) string {
	if len(text) <= mostMailed {
		return text
	}
	cut := mostMailed
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// authorityOf names where a person may complain; where the workspace has not said,
// the list of all authorities.
func authorityOf(ws workspace.Workspace) string {
	set := strings.TrimSpace(ws.Settings.AuthorityName + " " + ws.Settings.AuthorityURL)
	return firstOf(set, allAuthorities)
}

// allAuthorities is where the European Data Protection Board lists its members.
const allAuthorities = "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"

// linkURL is where the link leads that proves an address.
func (s *Service) linkURL(ws workspace.Workspace, token, locale string) string {
	return s.PublicURL + "/privacy/" + ws.Slug + "/link/" + token + in(locale)
}

// statusURL is where the state of one request stands; its token proves nothing else.
func (s *Service) statusURL(ws workspace.Workspace, token, locale string) string {
	return s.PublicURL + "/privacy/" + ws.Slug + "/request/" + token + in(locale)
}

// in has a page be in the language of the mail that leads to it. A language that the
// pages lack leaves it to the browser.
func in(locale string) string {
	if locale == "" {
		return ""
	}
	return "?lang=" + url.QueryEscape(locale)
}

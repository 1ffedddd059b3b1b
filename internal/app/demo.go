package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/workspace"
)

// demoAccount is the demo operator's sign-in. It is kept beside the data, so that
// the second start prints the same as the first.
type demoAccount struct {
	Email     string `json:"email"`
	Password  string `json:"password"`
	Workspace string `json:"workspace_key"`
}

const demoEmail = "mara@quayside.example"

// demo makes the demo workspace where there is none, prints how to sign in, and
// gives the key for the demo website.
func (s *System) demo(ctx context.Context, out io.Writer) (string, error) {
	account, err := s.demoAccount(ctx)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(out, `
Botimum is ready, with demo data.

    The demo website, with the widget:  %[1]s/demo
    The operators' inbox:               %[1]s/
    The mails it writes:                %[1]s/demo/mail
    Sign in as:                         %[2]s
    with the password:                  %[3]s

`, s.cfg.PublicURL, account.Email, account.Password)
	return account.Workspace, err
}

func (s *System) demoAccount(ctx context.Context) (demoAccount, error) {
	file := filepath.Join(s.cfg.Data, "demo.json")
	var account demoAccount
	raw, err := os.ReadFile(file)
	if err == nil {
		return account, json.Unmarshal(raw, &account)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return account, err
	}
	account = demoAccount{Email: demoEmail, Password: rand.Text()[:16]}
	made, err := s.Workspaces.Setup(ctx, workspace.SetupInput{Workspace: "Quayside Bicycles", Name: "Mara Lindqvist", Email: account.Email,
		Password: account.Password, Origins: []string{s.cfg.PublicURL}})
	if err != nil {
		return account, err
	}
	account.Workspace = made.Workspace.Key
	if err := s.demoData(ctx, made); err != nil {
		return account, err
	}
	raw, err = json.Marshal(account) //nolint:gosec // the demo's own password, for made-up people, beside their data
	if err != nil {
		return account, err
	}
	return account, os.WriteFile(file, append(raw, '\n'), 0o600)
}

// demoLine is one message of a demo conversation.
type demoLine struct {
	fromContact bool
	note        bool
	body        string
}

// demoPerson is a made-up contact with a conversation.
type demoPerson struct {
	name, email, locale, company string
	state                        string
	tags                         []string
	priority                     string
	mine                         bool
	lines                        []demoLine
}

// demoData fills the workspace through the same services that everyone uses.
func (s *System) demoData(ctx context.Context, made workspace.SetupResult) error {
	operator := actor.Actor{Type: actor.Operator, ID: made.OperatorID, WorkspaceID: made.Workspace.ID, Permissions: actor.Permissions{"*"}, Name: "Mara Lindqvist"}
	asOperator := actor.With(ctx, operator)
	greeting := "Ask us anything about bicycles. Somebody from the workshop answers, usually within the hour."
	if _, err := s.Workspaces.Update(asOperator, workspace.Patch{Settings: &workspace.SettingsPatch{Greeting: &greeting}}, ""); err != nil {
		return err
	}
	people := demoPeople()
	at := &demoClock{now: s.Clock.Now().Add(-time.Duration(len(people)) * 5 * time.Hour)}
	past := s.past(at)
	for i, p := range people {
		at.now = s.Clock.Now().Add(-time.Duration(len(people)-i)*time.Duration(len(people)-i)*47*time.Minute + 11*time.Minute)
		if err := s.demoConversation(ctx, asOperator, past, at, made.Workspace.ID, operator.ID, p); err != nil {
			return err
		}
	}
	if err := s.demoKnown(ctx, made.Workspace.ID, made.OperatorID); err != nil {
		return err
	}
	return s.demoRequests(ctx, made.Workspace.ID)
}

// demoRequests has two people exercise their rights: one request that the machine
// answered, and one that waits for a person and is soon due.
func (s *System) demoRequests(ctx context.Context, workspaceID string) error {
	asKey := actor.With(ctx, actor.Actor{Type: actor.System, ID: "demo", WorkspaceID: workspaceID})
	for _, r := range []struct {
		email, kind, note string
		changes           map[string]string
		days              int // ago
	}{
		{"oskar@fjord.example", request.Access, "", nil, 3},
		{"amina.diallo@saintlouis.example", request.Rectification, "My surname changed when I married.", map[string]string{"last_name": "Diallo-Faye"}, 5},
	} {
		found, err := s.Contacts.Search(asKey, contacts.Query{Email: r.email}, "", 1)
		if err != nil || len(found) == 0 {
			return err
		}
		deps := s.Requests.Deps
		deps.Clock = &demoClock{now: s.Clock.Now().Add(-time.Duration(r.days) * 24 * time.Hour)}
		asContact := actor.With(ctx, actor.Actor{Type: actor.Contact, ID: found[0].ID, WorkspaceID: workspaceID})
		_, err = request.NewService(deps).Submit(asContact, request.New{ContactID: found[0].ID, Kind: r.kind, Source: request.FromWidget, Note: r.note,
			Changes: r.changes, Verified: true, Proof: request.BySession, Locale: found[0].Locale})
		if err != nil {
			return err
		}
	}
	return nil
}

// demoClock is moved along while demo data is written.
type demoClock struct{ now time.Time }

// Now gives the moment the demo data is at.
func (c *demoClock) Now() time.Time { return c.now }

// pastServices write with a clock of their own: the conversations of the last
// days, not of this second.
type pastServices struct {
	contacts *contacts.Service
	inbox    *inbox.Service
}

func (s *System) past(at *demoClock) pastServices {
	deps := s.Inbox.Deps
	deps.Clock = at
	return pastServices{inbox: inbox.New(deps), contacts: contacts.New(contacts.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Outbox: s.Outbox,
		Clock: at, IDs: deps.IDs, Basis: s.basis, Erase: s.Privacy.Erase})}
}

func (s *System) demoConversation(ctx, asOperator context.Context, past pastServices, at *demoClock, workspaceID, operatorID string, p demoPerson) error {
	attributes := map[string]any{}
	if p.company != "" {
		attributes["company"] = p.company
	}
	c, err := past.contacts.Create(asOperator, contacts.Change{Name: &p.name, Email: &p.email, Locale: &p.locale,
		Attributes: attributes,
		Basis:      &privacy.Basis{Purpose: privacy.PurposeSupport, LawfulBasis: "legitimate_interests", Evidence: "demo data: made-up people"}})
	if err != nil {
		return err
	}
	asContact := actor.With(ctx, actor.Actor{Type: actor.Contact, ID: c.ID, WorkspaceID: workspaceID})
	started, _, _, err := past.inbox.Start(asContact, inbox.Opening{ContactID: c.ID, Channel: "chat", NewMessage: inbox.NewMessage{Body: p.lines[0].body}})
	if err != nil {
		return err
	}
	for _, l := range p.lines[1:] {
		as, m := asOperator, inbox.NewMessage{Body: l.body}
		if l.fromContact {
			as = asContact
		}
		if l.note {
			m.Type = inbox.TypeNote
		}
		at.now = at.now.Add(3 * time.Minute)
		if _, _, err := past.inbox.Post(as, started.ID, m); err != nil {
			return err
		}
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error { return contacts.Seen(tx, workspaceID, c.ID, at.now) })
	if err != nil {
		return err
	}
	change := inbox.Change{State: &p.state, Priority: &p.priority, Tags: &p.tags}
	if p.state == inbox.StateSnoozed {
		until := s.Clock.Now().Add(36 * time.Hour) // from now, not from the message
		change.SnoozedUntil = &until
	}
	if p.mine {
		change.AssigneeID = &operatorID
	}
	_, err = past.inbox.Update(asOperator, started.ID, change, nil)
	return err
}

func demoPeople() []demoPerson {
	contact := func(body string) demoLine { return demoLine{fromContact: true, body: body} }
	reply := func(body string) demoLine { return demoLine{body: body} }
	note := func(body string) demoLine { return demoLine{note: true, body: body} }
	return []demoPerson{
		{name: "Tomasz Wieczorek", email: "tomasz@brzeg.example", locale: "pl", company: "Brzeg Kurier", state: inbox.StateResolved, priority: "none",
			tags: []string{"fleet"}, lines: []demoLine{
				contact("Do you lease bicycles to companies? We would need six of the Harbour."),
				reply("We do, from three upwards. Six Harbours come to € 412 a month with service included. Shall I send the terms?"),
				contact("Yes please, to this address."), reply("Sent. They are good for thirty days."), contact("Signed and on its way back. Thank you!")}},
		{name: "Ines Carvalho", email: "ines.carvalho@porto.example", locale: "pt", company: "", state: inbox.StateSnoozed, priority: "low",
			tags: []string{"workshop"}, mine: true, lines: []demoLine{
				contact("My hub gear slips between four and five. Can I bring it in this week?"),
				reply("Thursday after four is free. It is usually only the cable; ten minutes."), contact("Thursday half past four then.")}},
		{name: "Oskar Nyström", email: "oskar@fjord.example", locale: "sv", company: "Fjord Arkitekter", state: inbox.StatePending, priority: "none",
			tags: []string{"order"}, mine: true, lines: []demoLine{
				contact("Is the Lantern available in the dark green of last year?"),
				reply("Two frames are left in that green, 54 and 57 cm. Which do you ride?")}},
		{name: "Amina Diallo", email: "amina.diallo@saintlouis.example", locale: "fr", company: "", state: inbox.StateOpen, priority: "high",
			tags: []string{"delivery"}, lines: []demoLine{
				contact("Bonjour, my order was due on Monday and the tracking has not moved since Friday."),
				note("The carrier lost a pallet in Lille on Friday; this may be one of them. Checking with Bram."),
				contact("It is a birthday present, for Saturday. Can you find out where it is?")}},
		{name: "Jonas Keller", email: "jonas.keller@limmat.example", locale: "de", company: "Keller & Söhne", state: inbox.StateOpen, priority: "none",
			tags: []string{"question"}, lines: []demoLine{contact("Fits a child seat on the Ferry, or do I need the Harbour for that?")}},
		{name: "Leïla Ben Amor", email: "leila@sidi.example", locale: "ar", company: "", state: inbox.StateOpen, priority: "none",
			tags: []string{}, mine: true, lines: []demoLine{
				contact("Please tell me what data you keep about me."),
				reply("Gladly. You can see all of it on our privacy page, and take it along or have it erased from there too."),
				contact("Found it, thank you. That was easier than anywhere else.")}},
	}
}

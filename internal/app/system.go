package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/activity"
	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/api"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/boardsite"
	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/company"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/enrich"
	"github.com/botimum/botimum/internal/export"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/imports"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/pages"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/retention"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
	"github.com/botimum/botimum/internal/timeline"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/webhook"
	"github.com/botimum/botimum/internal/widget"
	"github.com/botimum/botimum/internal/workspace"
)

// Stores are the two databases and the audit log: what every command needs.
type Stores struct {
	DB    *storage.DB
	Vault *vault.Vault
}

// makeData makes the data directory, for its owner alone.
func makeData(cfg *config.Config) error {
	return fault.Wrap("the data directory cannot be made", os.MkdirAll(cfg.Data, 0o700))
}

// openData opens the data's database and brings its schema up to date.
func openData(ctx context.Context, cfg *config.Config, log *slog.Logger) (*storage.DB, error) {
	if err := makeData(cfg); err != nil {
		return nil, err
	}
	db, err := storage.Open(ctx, storage.Options{URL: cfg.DatabaseURL, Migrations: migrations.Migrations, Logger: log})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openStores opens both databases. The root key is made with the first vault.
func openStores(ctx context.Context, cfg *config.Config, clk clock.Clock, log *slog.Logger) (*Stores, error) {
	root, err := vault.LoadRoot(vault.RootOptions{Path: cfg.RootKeyFile, Value: cfg.RootKey, CreateIfVaultEmpty: true})
	if err != nil {
		return nil, err
	}
	db, err := openData(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	if err := storage.CreateIfMissing(ctx, cfg.VaultURL); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	v, err := vault.Open(ctx, cfg.VaultURL, vault.Deps{Root: root, Clock: clk, Logger: log})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Stores{DB: db, Vault: v}, nil
}

// Close closes both, the data first.
func (s *Stores) Close() error {
	return errors.Join(s.DB.Close(), s.Vault.Close())
}

// System is all services, wired.
type System struct {
	*Stores
	cfg *config.Config
	log *slog.Logger

	Clock      clock.Clock
	Audit      *audit.Log
	Outbox     *live.Outbox
	Hub        *live.Hub
	Search     *search.Store
	Workspaces *workspace.Service
	Privacy    *privacy.Service
	Segments   *segment.Service
	Contacts   *contacts.Service
	Companies  *company.Service
	Inbox      *inbox.Service
	Activity   *activity.Service
	Timeline   *timeline.Service
	Boards     *boards.Service
	Files      *files.Service
	Children   *children.Service
	Mail       *mail.Service
	Export     *export.Service
	Requests   *request.Service
	Retention  *retention.Service
	Widget     *widget.Service
	Site       *boardsite.Site
	Webhooks   *webhook.Service
	Enrich     *enrich.Service
	Imports    *imports.Service
	Router     *httpx.Router

	sending atomic.Pointer[webhook.Service] // once it is made
	showing atomic.Pointer[boards.Service]  // once it is made
	closers []func() error                  // last first
}

// secrets are the installation's own, kept in the vault.
type secrets struct {
	audit, receipts, widget, idempotency []byte
}

func loadSecrets(ctx context.Context, v *vault.Vault) (s secrets, err error) {
	for _, one := range []struct {
		name string
		into *[]byte
	}{{"audit", &s.audit}, {"receipts", &s.receipts}, {"widget", &s.widget}, {"idempotency", &s.idempotency}} {
		if *one.into, err = v.Secret(ctx, one.name); err != nil {
			return s, err
		}
	}
	return s, nil
}

// Options change how a system is made, for tests and the bench.
type Options struct {
	Clock        clock.Clock // nil: the machine's
	PasswordCost workspace.PasswordCost
}

// Build opens everything and wires it.
func Build(ctx context.Context, cfg *config.Config, log *slog.Logger, o Options) (_ *System, err error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	stores, err := openStores(ctx, cfg, o.Clock, log)
	if err != nil {
		return nil, err
	}
	s := &System{Stores: stores, cfg: cfg, log: log, Clock: o.Clock}
	s.closers = append(s.closers, stores.Close)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	keys, err := loadSecrets(ctx, s.Vault)
	if err != nil {
		return nil, err
	}
	if err := s.wireGround(cfg, keys, o); err != nil {
		return nil, err
	}
	if err := s.wireDomains(keys); err != nil {
		return nil, err
	}
	if err := s.wireSurfaces(keys); err != nil {
		return nil, err
	}
	return s, nil
}

// wireGround makes what the domains stand on.
func (s *System) wireGround(cfg *config.Config, keys secrets, o Options) (err error) {
	ids := id.System{}
	s.Audit, err = audit.New(audit.Deps{DB: s.DB, Clock: s.Clock, IDs: ids, Logger: s.log, Seed: keys.audit, Vault: s.Vault, Names: s.actorNames, Same: sameContacts})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.Audit.Close)
	if err := s.wireLive(cfg); err != nil {
		return err
	}
	s.Search = search.New(search.Deps{DB: s.DB, Clock: s.Clock, Logger: s.log})
	s.Workspaces = workspace.New(workspace.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Clock: s.Clock, IDs: ids, Logger: s.log,
		SecureCookies: strings.HasPrefix(cfg.PublicURL, "https://"), PasswordCost: o.PasswordCost, Announce: s.announceChanged,
		IsPurpose: func(tx *storage.Tx, workspaceID, purpose string) error {
			_, err := s.Privacy.PurposeIn(tx, workspaceID, purpose)
			return err
		},
		Left: func(tx *storage.Tx, by actor.Actor, operatorID string) error {
			return s.Privacy.EraseOperatorRows(tx, by, operatorID)
		},
		Gone: func(ctx context.Context, operatorID string) (privacy.Receipt, error) {
			return s.Privacy.FinishOperator(ctx, operatorID)
		}})
	return nil
}

// technical tells what a workspace keeps of browsers, and for how long.
func (s *System) technical(ctx context.Context, workspaceID string) (workspace.Technical, error) {
	ws, err := s.Workspaces.Get(ctx, workspaceID)
	return ws.Settings.Technical, err
}

// sameContacts gives the contacts that are one person with this one; itself alone
// where nobody has it.
func sameContacts(tx *storage.Tx, workspaceID, contactID string) ([]string, error) {
	members, err := contacts.Group(tx, workspaceID, contactID)
	if fault.Is(err, fault.KindNotFound) {
		return []string{contactID}, nil
	}
	return contacts.IDsOf(members), err
}

// names gives operators' names for what is shown of them.
func (s *System) names(ctx context.Context, workspaceID string, operatorIDs []string) (map[string]string, error) {
	return s.Workspaces.OperatorNames(ctx, workspaceID, operatorIDs)
}

// actorNames gives the names of operators and API keys for the audit log.
func (s *System) actorNames(ctx context.Context, workspaceID string, ids []string) (map[string]string, error) {
	var operators, keys []string
	for _, one := range ids {
		if id.Valid(id.APIKey, one) {
			keys = append(keys, one)
		} else {
			operators = append(operators, one)
		}
	}
	out, err := s.Workspaces.KeyNames(ctx, workspaceID, keys)
	if err != nil || len(operators) == 0 {
		return out, err
	}
	names, err := s.names(ctx, workspaceID, operators)
	maps.Copy(out, names)
	return out, err
}

func (s *System) wireDomains(keys secrets) error {
	ids := id.System{}
	s.Privacy = privacy.New(privacy.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Outbox: s.Outbox, Clock: s.Clock, IDs: ids, Logger: s.log,
		People: contacts.People(), Notify: s.notify, Farewell: s.farewell, ReceiptSeed: keys.receipts})
	s.Segments = segment.New(segment.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Clock: s.Clock, IDs: ids, Logger: s.log})
	s.Segments.Add(contacts.SegmentSource(s.Vault), contacts.AttributeSource(s.DB, s.Vault), segment.Consents(s.Privacy), segment.Events(s.DB), inbox.SegmentSource(), boards.SegmentSource(s.DB))
	s.Contacts = contacts.New(contacts.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Outbox: s.Outbox, Clock: s.Clock, IDs: ids, Logger: s.log, Basis: s.basis,
		Policy: s.Workspaces.SensitivePolicy, MayChange: s.Privacy.MayChange, Purpose: s.Privacy.PurposeIn, MayUse: s.Privacy.MayUseFor, Segments: s.Segments, Erase: s.Privacy.Erase, Restrict: s.Privacy.Restrict,
		Consents: s.Privacy.ConsentStates, Part: s.Privacy.Part, HoldCompany: company.Hold, CompanyName: s.companyName, CompanyDomain: company.OrganisationOf, MayHandle: s.Privacy.MayHandle,
		Companies: func(ctx context.Context, workspaceID string) (contacts.Companies, error) {
			return s.Companies.Companies(ctx, workspaceID)
		},
		RefusesUndeclared: s.Workspaces.RefusesUndeclared, Holds: s.Workspaces.Holds})
	s.Companies = company.New(company.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Contacts: s.Contacts, Clock: s.Clock, IDs: ids, Logger: s.log})
	s.Segments.Add(s.Contacts.TagSource(), contacts.CompanySource())
	s.Inbox = inbox.New(inbox.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Outbox: s.Outbox, Hub: s.Hub, Search: s.Search,
		Contacts: s.Contacts, Clock: s.Clock, IDs: ids, MayHandle: s.Privacy.MayHandle, Names: s.names, IsOperator: s.Workspaces.IsMember, HasCompany: company.Exists,
		Policy: s.Workspaces.SensitivePolicy, IsHeld: s.Privacy.IsHeld, Logger: s.log})
	s.wireTimeline(ids)
	if err := s.wireFiles(ids); err != nil {
		return err
	}
	s.wireBoards(ids)
	s.wireMail()
	s.wireWebhooks()
	s.Export = export.New(export.Deps{DB: s.DB, Privacy: s.Privacy, Audit: s.Audit, Clock: s.Clock, Logger: s.log, Dir: s.cfg.Data, Controller: s.controller, Terms: pages.Terms})
	s.wireRequests()
	s.wireImports()
	s.Children = children.New(children.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Mail: s.Mail, Clock: s.Clock, IDs: ids, Logger: s.log,
		Exists: contacts.Exists, EraseContact: s.Privacy.Erase, Purge: s.Privacy.Purge, PublicURL: s.cfg.PublicURL})
	s.wireEnrichment()
	s.render()
	s.wireRetention()
	return s.Privacy.Hold(s.holders()...)
}

// companyName gives what a company is called.
func (s *System) companyName(ctx context.Context, tx *storage.Tx, workspaceID, companyID string) (string, error) {
	return s.Companies.NameIn(ctx, tx, workspaceID, companyID)
}

// wireTimeline makes what keeps what people did, and what shows all that happened with them.
func (s *System) wireTimeline(ids id.Source) {
	s.Activity = activity.New(activity.Deps{DB: s.DB, Vault: s.Vault, Outbox: s.Outbox, Contacts: s.Contacts, Clock: s.Clock, IDs: ids, MayUse: s.Privacy.MayUse})
	s.Timeline = timeline.New(timeline.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Group: contacts.Group, IsRestricted: s.Privacy.IsRestricted})
	s.Timeline.Add(inbox.TimelineSources()...)
	s.Timeline.Add(activity.TimelineSource(), request.TimelineSource())
	s.Timeline.Add(contacts.TimelineSources()...)
	s.Timeline.Add(timeline.Privacy()...)
	s.Timeline.Add(imports.TimelineSources()...)
	s.Timeline.Add(boards.TimelineSources()...)
	s.Timeline.Add(enrich.TimelineSource())
}

// holders are all packages that store something, but for what privacy holds itself.
func (s *System) holders() []privacy.Holder {
	return []privacy.Holder{s.Workspaces, s.Imports, s.Companies, s.Contacts, s.Inbox, s.Activity, s.Files, s.Boards, s.Mail, s.Requests, s.Retention, s.Children, s.Webhooks, segment.Holder{}, s.Enrich}
}

// controller tells who decides about a workspace's data.
func (s *System) controller(ctx context.Context, workspaceID string) (export.Controller, error) {
	ws, err := s.Workspaces.Get(ctx, workspaceID)
	return export.Controller{ID: ws.ID, Name: ws.Name, Privacy: s.cfg.PublicURL + "/privacy/" + ws.Slug, Locale: ws.Settings.Locale}, err
}

// basis resolves the lawful basis of data: as stated, or the workspace's default.
func (s *System) basis(ctx context.Context, workspaceID string, stated *privacy.Basis) (privacy.Basis, error) {
	ws, err := s.Workspaces.Get(ctx, workspaceID)
	if err != nil {
		return privacy.Basis{}, err
	}
	purposes, err := s.Privacy.Purposes(ctx, workspaceID)
	if err != nil {
		return privacy.Basis{}, err
	}
	return privacy.ResolveBasis(stated, ws.Settings.DefaultPurpose, purposes)
}

func (s *System) wireSurfaces(keys secrets) (err error) {
	s.Widget, err = widget.New(widget.Deps{Workspaces: s.Workspaces, Contacts: s.Contacts, Inbox: s.Inbox, Activity: s.Activity, Boards: s.Boards, Privacy: s.Privacy, Requests: s.Requests, Children: s.Children, Hub: s.Hub,
		Clock: s.Clock, IDs: id.System{}, Logger: s.log, Secret: keys.widget, PublicURL: s.cfg.PublicURL,
		AllowLoopback: isLoopback(s.cfg.Listen), RateLimit: s.cfg.RateLimit})
	if err != nil {
		return err
	}
	asks := egress.New(egress.Options{AllowLoopback: isLoopback(s.cfg.Listen), NoRedirects: true, MaxBody: 4 << 10, Timeout: 5 * time.Second})
	s.closers = append(s.closers, func() error { asks.Close(); return nil })
	s.Site = boardsite.New(boardsite.Deps{Boards: s.Boards, Files: s.Files, Workspaces: s.Workspaces, PublicURL: s.cfg.PublicURL, Logger: s.log, Clock: s.Clock,
		Voices: boardsite.Voices{Privacy: s.Privacy, Contacts: s.Contacts, Children: s.Children, IDs: id.System{}},
		Web:    boardsite.Web{Lookup: net.DefaultResolver.LookupHost, Do: asks.Do}})
	guard := api.NewGuard(api.Deps{DB: s.DB, Vault: s.Vault, Workspaces: s.Workspaces, Clock: s.Clock, Logger: s.log, Visitor: s.Widget.Guard, Ready: s.Audit.Ready, Accessed: s.Audit.Access, Secret: keys.idempotency,
		RateLimit: s.cfg.RateLimit})
	s.Router = httpx.NewRouter("Botimum", Version, guard.Before, s.log)
	s.Workspaces.Routes(s.Router)
	s.Contacts.Routes(s.Router)
	s.Segments.Routes(s.Router)
	s.Companies.Routes(s.Router)
	s.Inbox.Routes(s.Router)
	s.Activity.Routes(s.Router)
	s.Timeline.Routes(s.Router)
	s.Boards.Routes(s.Router)
	s.Site.Routes(s.Router)
	s.Privacy.Routes(s.Router)
	s.Export.Routes(s.Router)
	s.Requests.Routes(s.Router)
	s.Retention.Routes(s.Router)
	s.Children.Routes(s.Router)
	s.Audit.Routes(s.Router)
	s.Mail.Routes(s.Router)
	s.Webhooks.Routes(s.Router)
	s.Enrich.Routes(s.Router)
	s.Imports.Routes(s.Router)
	api.StreamRoutes(s.Router, s.Hub)
	s.Widget.Routes(s.Router)
	return nil
}

// Close ends what runs, in the reverse order of its making.
func (s *System) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

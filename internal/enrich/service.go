package enrich

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/egress"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB       *storage.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Privacy  *privacy.Service
	Contacts *contacts.Service
	Outbox   *live.Outbox
	Clock    clock.Clock
	IDs      id.Source
	Logger   *slog.Logger
	// Egress makes the requests.
	Egress *egress.Client
	// AllowLoopback takes addresses of this machine, without https.
	AllowLoopback bool
	// MayAge tells whether somebody is old enough to be looked up: nil, or why not.
	MayAge func(ctx context.Context, sub privacy.Subject, source string) error
	// OwnAddress gives an operator's own address, for a test.
	OwnAddress func(ctx context.Context, operatorID string) (string, error)
	// IsPublicMail tells whether everybody may have an address under a domain.
	IsPublicMail func(domain string) bool
	// PublicURL is the origin under which this server is reached.
	PublicURL string
	// Bases are where the built-in providers are reached; empty ones are the real ones.
	Bases Bases
}

// Bases are the addresses of the built-in providers.
type Bases struct {
	GravatarAPI, Gravatar, Libravatar string
	Website                           func(domain string) []string
}

// Service looks people up. It is safe for concurrent use.
type Service struct {
	Deps
	node    string        // this process, as the holder of leases
	wake    chan struct{} // the loop that forgets
	wakeAsk chan struct{} // the loop that asks
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// New gives the service. [Service.Start] has it look people up.
func New(d Deps) *Service {
	s := &Service{Deps: d, node: id.New("nod"), wake: make(chan struct{}, 1), wakeAsk: make(chan struct{}, 1)}
	if d.Outbox != nil {
		d.Outbox.OnCommit(func([]live.Event) { s.look() })
	}
	return s
}

// look has the loops look for work soon.
func (s *Service) look() {
	signal(s.wake)
	signal(s.wakeAsk)
}

func signal(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

func secretPlace(row string) vault.Place {
	return vault.Place{Table: "enrich_providers", Column: "secrets_sealed", Row: row}
}

func (s *Service) key(ctx context.Context, workspaceID string) (*vault.Key, error) {
	return s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID})
}

// source gives where a provider's questions go.
func (s *Service) source(r row, secret string) (source, error) {
	or := func(given, otherwise string) string {
		if given != "" {
			return given
		}
		return otherwise
	}
	switch r.kind {
	case KindGravatar:
		return gravatar{s.Egress, or(s.Bases.GravatarAPI, "https://api.gravatar.com/v3"), or(s.Bases.Gravatar, "https://gravatar.com"), secret}, nil
	case KindLibravatar:
		return libravatar{s.Egress, or(s.Bases.Libravatar, "https://seccdn.libravatar.org")}, nil
	case KindWebsite:
		page := s.Bases.Website
		if page == nil {
			page = func(domain string) []string {
				return []string{"https://" + domain + "/", "https://www." + domain + "/"}
			}
		}
		return website{s.Egress, page}, nil
	}
	var d Definition
	err := json.Unmarshal([]byte(r.definition), &d)
	return declared{d, s.Egress, secret}, err
}

// open gives a provider as it is shown.
func (s *Service) open(r row, now time.Time) (Provider, error) {
	src, err := s.source(r, "")
	if err != nil {
		return Provider{}, err
	}
	p := Provider{ID: r.id, Kind: r.kind, Preset: r.preset, Name: r.name, State: r.state, HasSecret: r.secret != nil, Asks: src.asks(), Host: src.host(),
		PerMinute: r.perMinute, PerDay: r.perDay, LastErrorAt: moment(r.lastErrorAt), LastAnswerAt: moment(r.lastAnswerAt), Waiting: r.waiting,
		CreatedAt: clock.FromMicros(r.created), UpdatedAt: clock.FromMicros(r.updated)}
	if d, is := src.(declared); is {
		p.Definition = &d.Definition
	}
	if r.dayAt == dayOf(now) {
		p.UsedToday = r.dayUsed
	}
	if r.blocked > clock.Micros(now) {
		until := clock.FromMicros(r.blocked)
		p.BlockedUntil = &until
	}
	if r.lastError.Valid {
		p.LastError = &r.lastError.String
	}
	return p, nil
}

func dayOf(t time.Time) int64    { return t.Unix() / 86400 }
func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// record appends to the audit log.
func (s *Service) record(tx *storage.Tx, a actor.Actor, action, target string, details map[string]string) error {
	kind, _, _ := strings.Cut(action, ".")
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action,
		TargetType: kind, TargetID: target, Details: details})
}

// system is who acts when nobody does.
func system(workspaceID string) actor.Actor {
	return actor.Actor{Type: actor.System, ID: "enrichment", WorkspaceID: workspaceID}
}

// mayLook tells whether somebody may be looked up for the purpose: nil, or why not.
func (s *Service) mayLook(tx *storage.Tx, sub privacy.Subject, set Settings) error {
	if !set.Enabled {
		return fault.Conflict("enrichment_off", "Looking people up is switched off in this workspace. Switch it on under Settings, Enrichment.")
	}
	if err := s.Privacy.IsAssessed(tx, sub.WorkspaceID, privacy.FeatureEnrichment); err != nil {
		return err
	}
	return s.Privacy.MayUse(tx, sub, set.Purpose)
}

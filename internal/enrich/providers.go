package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Providers gives those of the context's workspace, the first added first.
func (s *Service) Providers(ctx context.Context) ([]Provider, error) {
	var rows []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = providersOf(tx, actor.From(ctx).WorkspaceID)
		return err
	})
	out := make([]Provider, len(rows))
	for i := range rows {
		if err == nil {
			out[i], err = s.open(rows[i], s.Clock.Now())
		}
	}
	return out, fault.Wrap("enrich.Providers", err)
}

// Provider gives one.
func (s *Service) Provider(ctx context.Context, id string) (p Provider, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		r, err := providerBy(tx, actor.From(ctx).WorkspaceID, id)
		if err == nil {
			p, err = s.open(r, s.Clock.Now())
		}
		return err
	})
	return p, fault.Wrap("enrich.Provider", err)
}

// AddProvider adds one to the context's workspace.
func (s *Service) AddProvider(ctx context.Context, n NewProvider) (Provider, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	n, err := n.settle()
	if err == nil {
		err = checkSecret(n.Secret)
	}
	if err == nil && n.Definition != nil {
		if bad := n.Definition.check(s.Egress, s.AllowLoopback); len(bad) > 0 {
			err = fault.InvalidFields(bad...)
		}
	}
	if err != nil {
		return Provider{}, err
	}
	r := row{id: s.IDs.New(providerID), kind: n.Kind, preset: n.Preset, name: n.Name, state: n.State, perMinute: n.PerMinute, perDay: n.PerDay,
		created: clock.Micros(now), updated: clock.Micros(now), definition: "{}"}
	if err := s.seal(ctx, a.WorkspaceID, &r, n.Definition, &n.Secret); err != nil {
		return Provider{}, fault.Wrap("enrich.AddProvider", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("enrichment " + a.WorkspaceID); err != nil {
			return err
		}
		all, err := providersOf(tx, a.WorkspaceID)
		if err != nil {
			return err
		}
		if len(all) >= maxProviders {
			return fault.Conflict("too_many_providers", "A workspace has at most 20 providers. Remove one first.")
		}
		for _, other := range all {
			if r.kind != KindHTTP && other.kind == r.kind {
				return fault.Conflict("provider_exists", "There is such a provider already.")
			}
		}
		if _, err := tx.Exec(insertProvider, a.WorkspaceID, r.id, r.kind, r.preset, r.name, r.state, r.definition, r.secret, r.perMinute, r.perDay, r.created, r.updated); err != nil {
			return err
		}
		return s.record(tx, a, "enrichment_provider.created", r.id, map[string]string{"kind": r.kind, "state": r.state})
	})
	if err != nil {
		return Provider{}, fault.Wrap("enrich.AddProvider", err)
	}
	return s.open(r, now)
}

// seal puts a definition and a secret into a row; nil ones leave what is there.
func (s *Service) seal(ctx context.Context, workspaceID string, r *row, d *Definition, secret *string) error {
	if d != nil {
		text, err := json.Marshal(d)
		if err != nil {
			return err
		}
		r.definition = string(text)
	}
	if secret == nil {
		return nil
	}
	if r.secret = nil; *secret == "" {
		return nil
	}
	key, err := s.key(ctx, workspaceID)
	if err == nil {
		r.secret = key.Seal(secretPlace(r.id), []byte(*secret))
	}
	return err
}

func (s *Service) checkChange(r row, c *ProviderChange) error {
	if c.Definition != nil {
		if r.kind != KindHTTP {
			return fault.Invalid("definition", "belongs to kind http, and only to that")
		}
		if bad := c.Definition.check(s.Egress, s.AllowLoopback); len(bad) > 0 {
			return fault.InvalidFields(bad...)
		}
		was, err := s.source(r, "")
		if err != nil {
			return err
		}
		if c.Secret == nil && was.host() != (declared{Definition: *c.Definition}).host() { // a key is not for whoever is named next
			empty := ""
			c.Secret = &empty
		}
	}
	if c.Name != nil {
		if err := checkName(*c.Name); err != nil {
			return err
		}
	}
	if c.Secret != nil {
		return checkSecret(*c.Secret)
	}
	return nil
}

// ChangeProvider changes one. Check, if not nil, is asked whether the version that
// is there may be changed. A change of key, definition or state ends a block.
func (s *Service) ChangeProvider(ctx context.Context, id string, c ProviderChange, check func(updated time.Time) error) (Provider, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	if _, err := s.key(ctx, a.WorkspaceID); err != nil { // it is in the cache from here on
		return Provider{}, fault.Wrap("enrich.ChangeProvider", err)
	}
	var r row
	err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		if err := tx.Lock("enrich provider " + id); err != nil {
			return err
		}
		if r, err = providerBy(tx, a.WorkspaceID, id); err != nil {
			return err
		}
		if check != nil {
			if err := check(clock.FromMicros(r.updated)); err != nil {
				return err
			}
		}
		change := c
		if err := s.checkChange(r, &change); err != nil {
			return err
		}
		if err := s.seal(ctx, a.WorkspaceID, &r, change.Definition, change.Secret); err != nil {
			return err
		}
		r.apply(change)
		r.updated = max(clock.Micros(now), r.updated+1)
		if _, err := tx.Exec(updateProvider, r.name, r.state, r.definition, r.secret, r.perMinute, r.perDay, r.blocked, r.updated, a.WorkspaceID, id); err != nil {
			return err
		}
		return s.record(tx, a, "enrichment_provider.updated", id, map[string]string{"state": r.state})
	})
	if err != nil {
		return Provider{}, fault.Wrap("enrich.ChangeProvider", err)
	}
	s.look()
	return s.open(r, now)
}

func (r *row) apply(c ProviderChange) {
	for to, from := range map[*string]*string{&r.name: c.Name, &r.state: c.State} {
		if from != nil {
			*to = *from
		}
	}
	for to, from := range map[*int64]*int64{&r.perMinute: c.PerMinute, &r.perDay: c.PerDay} {
		if from != nil {
			*to = *from
		}
	}
	if c.State != nil || c.Secret != nil || c.Definition != nil {
		r.blocked = 0
	}
}

// RemoveProvider removes one with its secret. What it found is taken out of the
// profiles in the background, at once.
func (s *Service) RemoveProvider(ctx context.Context, id string) error {
	a := actor.From(ctx)
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`DELETE FROM enrich_providers WHERE workspace_id = $1 AND id = $2`, a.WorkspaceID, id)
		if err == nil && n == 0 {
			err = fault.NotFound("enrichment provider")
		}
		for _, query := range []string{markProvider, dropProvider} {
			if err == nil {
				_, err = tx.Exec(query, a.WorkspaceID, id)
			}
		}
		if err != nil {
			return err
		}
		return s.record(tx, a, "enrichment_provider.deleted", id, nil)
	})
	if err == nil {
		s.look()
	}
	return fault.Wrap("enrich.RemoveProvider", err)
}

// Tried is what a test came to.
type Tried struct {
	Outcome    string            `json:"outcome" doc:"found, unknown, or why there was no answer."`
	Fields     map[string]string `json:"fields" doc:"What would be filled in. Nothing is stored."`
	HasPicture bool              `json:"has_picture"`
	Confidence float64           `json:"confidence"`
	DurationMS int64             `json:"duration_ms"`
}

// TryProvider looks the operator up who asks, by their own address, and stores
// nothing of it.
func (s *Service) TryProvider(ctx context.Context, id string) (Tried, error) {
	a := actor.From(ctx)
	var r row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = providerBy(tx, a.WorkspaceID, id)
		return err
	})
	if err != nil {
		return Tried{}, fault.Wrap("enrich.TryProvider", err)
	}
	if a.Type != actor.Operator {
		return Tried{}, fault.Conflict("own_address_only", "A test uses the address of the operator who asks. Sign in to make one.")
	}
	email, err := s.OwnAddress(ctx, a.ID)
	if err != nil {
		return Tried{}, fault.Wrap("enrich.TryProvider", err)
	}
	src, err := s.ready(ctx, a.WorkspaceID, r)
	if err != nil {
		return Tried{}, fault.Wrap("enrich.TryProvider", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		ok, _, err := s.reserve(tx, a.WorkspaceID, id)
		if err == nil && !ok {
			err = fault.TooMany(time.Minute, "The provider's rate limit or budget is used up. Try again later.")
		}
		if err != nil {
			return err
		}
		return s.record(tx, a, "enrichment_provider.tested", id, nil)
	})
	if err != nil {
		return Tried{}, fault.Wrap("enrich.TryProvider", err)
	}
	return s.try(ctx, src, question{email: email, domain: domainOf(email, s.IsPublicMail), name: ""})
}

func (s *Service) try(ctx context.Context, src source, q question) (Tried, error) {
	began := time.Now()
	t := Tried{Outcome: "nothing_to_ask", Fields: map[string]string{}}
	if q.has(src.asks()) {
		found, picture, err := s.consult(ctx, src, q)
		var f *failure
		switch {
		case errors.As(err, &f):
			t.Outcome = f.code
		case err != nil:
			return t, fault.Wrap("enrich.TryProvider", err)
		case found.isEmpty():
			t.Outcome = OutcomeUnknown
		default:
			t.Outcome, t.HasPicture, t.Confidence = OutcomeFound, picture != nil, found.confidence
			if found.fields != nil {
				t.Fields = found.fields
			}
		}
	}
	t.DurationMS = time.Since(began).Milliseconds()
	return t, nil
}

// ready gives a provider's source with its secret.
func (s *Service) ready(ctx context.Context, workspaceID string, r row) (source, error) {
	secret := ""
	if r.secret != nil {
		key, err := s.key(ctx, workspaceID)
		if err != nil {
			return nil, err
		}
		plain, err := key.Open(secretPlace(r.id), r.secret)
		if err != nil {
			return nil, err
		}
		secret = string(plain)
	}
	return s.source(r, secret)
}

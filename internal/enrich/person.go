package enrich

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Standing is what was found of a person, and what is still asked.
type Standing struct {
	State   string   `json:"state" enum:"idle,waiting,done" doc:"idle: never looked up; waiting: some provider is still to answer."`
	May     bool     `json:"may" doc:"Whether this person may be looked up now."`
	WhyNot  *string  `json:"why_not" doc:"Why not, as a code such as objected, child or assessment_missing."`
	Found   []Find   `json:"found" doc:"What stands in the profile from public sources."`
	Lookups []Lookup `json:"lookups"`
	Refused []string `json:"refused" doc:"Fields that were taken out by hand: they are not filled in again until somebody looks the person up without them."`
}

// Find is one field that was found.
type Find struct {
	Field      string    `json:"field" example:"attributes.company"`
	Value      string    `json:"value"`
	Source     string    `json:"source"`
	Provider   string    `json:"provider"`
	URL        string    `json:"url"`
	Confidence float64   `json:"confidence"`
	At         time.Time `json:"at"`
}

// Lookup is a question about a person to one provider.
type Lookup struct {
	Provider   string     `json:"provider"`
	Name       string     `json:"name" doc:"Empty where the provider was removed."`
	State      string     `json:"state" enum:"waiting,done"`
	Reason     string     `json:"reason" enum:"asked,automatic,refresh"`
	Outcome    *string    `json:"outcome" doc:"found, unknown, or why not, such as provider_busy."`
	AskedAt    time.Time  `json:"asked_at"`
	NextAt     *time.Time `json:"next_at" doc:"When it is tried; null once it is done."`
	FinishedAt *time.Time `json:"finished_at"`
}

const selectLookups = `
	SELECT l.provider_id, COALESCE(p.name, ''), l.state, l.reason, l.outcome, l.asked_at, l.next_at, l.finished_at FROM enrich_lookups l
	LEFT JOIN enrich_providers p ON p.workspace_id = l.workspace_id AND p.id = l.provider_id
	WHERE l.workspace_id = $1 AND l.contact_id = $2 ORDER BY l.provider_id`

func lookupsOf(tx *storage.Tx, sub privacy.Subject) ([]Lookup, error) {
	rows, err := tx.Query(selectLookups, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Lookup{}
	for rows.Next() {
		var l Lookup
		var asked int64
		var next, finished sql.NullInt64
		if err := rows.Scan(&l.Provider, &l.Name, &l.State, &l.Reason, &l.Outcome, &asked, &next, &finished); err != nil {
			return nil, err
		}
		l.AskedAt, l.FinishedAt = clock.FromMicros(asked), moment(finished)
		if l.State == "waiting" {
			l.NextAt = moment(next)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

func subjectOf(ctx context.Context, contactID string) privacy.Subject {
	return privacy.Subject{WorkspaceID: actor.From(ctx).WorkspaceID, ContactID: contactID}
}

// person gives the contact that stands for the person.
func (s *Service) person(ctx context.Context, contactID string) (privacy.Subject, error) {
	sub := subjectOf(ctx, contactID)
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		sub.ContactID, err = contacts.Survivor(tx, sub.WorkspaceID, contactID)
		return err
	})
	return sub, err
}

// Standing gives what was found of a person of the context's workspace.
func (s *Service) Standing(ctx context.Context, contactID string) (Standing, error) {
	sub, err := s.person(ctx, contactID)
	if err != nil {
		return Standing{}, fault.Wrap("enrich.Standing", err)
	}
	contactID = sub.ContactID
	c, _, err := s.Contacts.Look(ctx, sub)
	if err != nil {
		return Standing{}, fault.Wrap("enrich.Standing", err)
	}
	out := Standing{State: "idle", Found: finds(c)}
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		set, err := loadSettings(tx, sub.WorkspaceID)
		if err != nil {
			return err
		}
		if err := out.allow(s.mayLook(tx, sub, set)); err != nil {
			return err
		}
		if out.Lookups, err = lookupsOf(tx, sub); err != nil {
			return err
		}
		out.Refused, err = scanWords(tx.Query(selectRefused, sub.WorkspaceID, sub.ContactID))
		return err
	})
	if err == nil && out.May {
		_, _, known := s.known(ctx, sub)
		err = out.allow(known)
	}
	if err != nil {
		return Standing{}, fault.Wrap("enrich.Standing", err)
	}
	if out.Refused == nil {
		out.Refused = []string{}
	}
	if len(out.Lookups) > 0 {
		out.State = "done"
	}
	if slices.ContainsFunc(out.Lookups, func(l Lookup) bool { return l.State == "waiting" }) {
		out.State = "waiting"
	}
	s.Audit.Access(ctx, []string{contactID}, "contact.enrichment")
	return out, nil
}

// allow notes why somebody may not be looked up; what is no such reason stays an error.
func (st *Standing) allow(err error) error {
	st.May, st.WhyNot = err == nil, nil
	if f := fault.As(err); f != nil && (f.Kind == fault.KindConflict || f.Kind == fault.KindInvalid) {
		st.WhyNot = &f.Code
		return nil
	}
	return err
}

func finds(c contacts.Contact) []Find {
	values := map[string]string{"name": c.Name, "first_name": c.FirstName, "last_name": c.LastName, "avatar_url": c.AvatarURL}
	out := []Find{}
	for _, field := range slices.Sorted(maps.Keys(c.Provenance)) {
		from := c.Provenance[field]
		if from.Provider == "" {
			continue
		}
		value := values[field]
		if key, is := strings.CutPrefix(field, "attributes."); is {
			value, _ = c.Attributes[key].(string)
		}
		out = append(out, Find{Field: field, Value: value, Source: from.Source, Provider: from.Provider, URL: from.URL, Confidence: from.Confidence, At: from.At})
	}
	return out
}

// Ask has a person looked up at every provider that is on.
func (s *Service) Ask(ctx context.Context, contactID string) (Standing, error) {
	a := actor.From(ctx)
	sub, err := s.person(ctx, contactID)
	if err != nil {
		return Standing{}, fault.Wrap("enrich.Ask", err)
	}
	contactID = sub.ContactID
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		set, err := loadSettings(tx, sub.WorkspaceID)
		if err == nil {
			err = s.mayLook(tx, sub, set)
		}
		return err
	})
	if err == nil {
		_, _, err = s.known(ctx, sub)
	}
	if err != nil {
		return Standing{}, fault.Wrap("enrich.Ask", err)
	}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := privacy.LockSubject(tx, sub); err != nil {
			return err
		}
		set, err := loadSettings(tx, sub.WorkspaceID)
		if err == nil {
			err = s.mayLook(tx, sub, set)
		}
		if err == nil {
			err = s.queue(tx, sub, a, "asked")
		}
		if err != nil {
			return err
		}
		return s.record(tx, a, "contact.enrichment_asked", contactID, nil)
	})
	if err != nil {
		return Standing{}, fault.Wrap("enrich.Ask", err)
	}
	s.look()
	return s.Standing(ctx, contactID)
}

// Forget takes everything out of a profile that was found in public sources, and
// drops what is still asked.
func (s *Service) Forget(ctx context.Context, contactID string) error {
	a := actor.From(ctx)
	sub, err := s.person(ctx, contactID)
	if err != nil {
		return fault.Wrap("enrich.Forget", err)
	}
	contactID = sub.ContactID
	_, err = s.Contacts.Forget(ctx, sub, func(string, contacts.Provenance) bool { return true }, func(tx *storage.Tx) error {
		if err := s.Privacy.MayChange(tx, sub); err != nil {
			return err
		}
		if err := s.noteForgotten(tx, sub, a, nil); err != nil {
			return err
		}
		for _, table := range []string{"enrich_lookups", "enrich_avatars"} {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, contactID); err != nil {
				return err
			}
		}
		return s.record(tx, a, "contact.enrichment_forgotten", contactID, nil)
	})
	return fault.Wrap("enrich.Forget", err)
}

const selectRefused = `SELECT field FROM enrich_refused WHERE workspace_id = $1 AND contact_id = $2 ORDER BY field`

func (s *Service) refusedFields(ctx context.Context, sub privacy.Subject) (map[string]bool, error) {
	out := map[string]bool{}
	var fields []string
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		fields, err = scanWords(tx.Query(selectRefused, sub.WorkspaceID, sub.ContactID))
		return err
	})
	for _, f := range fields {
		out[f] = true
	}
	return out, err
}

// RemoveField takes one field out that was found, for good: it is not filled in again.
func (s *Service) RemoveField(ctx context.Context, contactID, field string) error {
	a := actor.From(ctx)
	sub, err := s.person(ctx, contactID)
	if err != nil {
		return fault.Wrap("enrich.RemoveField", err)
	}
	contactID = sub.ContactID
	c, _, err := s.Contacts.Look(ctx, sub)
	if err == nil && c.Provenance[field].Provider == "" {
		err = fault.NotFound("field that was found")
	}
	if err != nil {
		return fault.Wrap("enrich.RemoveField", err)
	}
	_, err = s.Contacts.Forget(ctx, sub, func(f string, _ contacts.Provenance) bool { return f == field }, func(tx *storage.Tx) error {
		if err := s.Privacy.MayChange(tx, sub); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO enrich_refused (workspace_id, contact_id, field, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (workspace_id, contact_id, field) DO NOTHING`, sub.WorkspaceID, contactID, field, clock.Micros(s.Clock.Now())); err != nil {
			return err
		}
		if field == "avatar_url" {
			if _, err := tx.Exec(`DELETE FROM enrich_avatars WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, contactID); err != nil {
				return err
			}
		}
		return s.record(tx, a, "contact.enrichment_field_removed", contactID, nil)
	})
	return fault.Wrap("enrich.RemoveField", err)
}

// Avatar gives the picture of a person that was found, a PNG.
func (s *Service) Avatar(ctx context.Context, contactID string) ([]byte, error) {
	sub := subjectOf(ctx, contactID)
	var sealed []byte
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		err := tx.QueryRow(`SELECT image_sealed FROM enrich_avatars WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, contactID).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			err = fault.NotFound("picture")
		}
		return err
	})
	if err != nil {
		return nil, fault.Wrap("enrich.Avatar", err)
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: contactID})
	if fault.Is(err, fault.KindGone) {
		return nil, fault.NotFound("picture")
	}
	if err != nil {
		return nil, fault.Wrap("enrich.Avatar", err)
	}
	plain, err := key.Open(avatarPlace(contactID), sealed)
	if err != nil {
		return nil, fault.Wrap("enrich.Avatar", err)
	}
	s.Audit.Access(ctx, []string{contactID}, "contact.avatar")
	return plain, nil
}

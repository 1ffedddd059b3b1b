package enrich

import (
	"context"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Settings say whether and how a workspace looks people up.
type Settings struct {
	Enabled     bool      `json:"enabled"`
	Automatic   bool      `json:"automatic" doc:"Whether everybody with a new verified address is looked up."`
	Purpose     string    `json:"purpose" doc:"The key of the purpose that it serves; empty where none was chosen."`
	KeepDays    *int      `json:"keep_days" doc:"After how many days what was found is forgotten; null: when somebody forgets it."`
	RefreshDays *int      `json:"refresh_days" doc:"After how many days what was found is looked up anew; null: never."`
	UpdatedAt   time.Time `json:"updated_at"`

	reached int64
	isSet   bool
}

// Overview is the settings with how things stand.
type Overview struct {
	Settings
	Assessed   bool  `json:"assessed" doc:"Whether an impact assessment is approved and in date."`
	Waiting    int64 `json:"waiting" doc:"Questions that wait for their turn."`
	People     int64 `json:"people" doc:"People of whom something was found."`
	Forgetting int64 `json:"forgetting" doc:"Finds that are being taken out."`
}

// SettingsChange changes settings; what is absent stays.
type SettingsChange struct {
	Enabled     *bool   `json:"enabled,omitempty"`
	Automatic   *bool   `json:"automatic,omitempty"`
	Purpose     *string `json:"purpose,omitempty" maxLength:"64"`
	KeepDays    *int    `json:"keep_days,omitempty" minimum:"0" maximum:"3650" doc:"0: until somebody forgets it."`
	RefreshDays *int    `json:"refresh_days,omitempty" minimum:"0" maximum:"3650" doc:"0: never."`
}

const countOverview = `
	SELECT COUNT(CASE WHEN state = 'waiting' THEN 1 END), COUNT(DISTINCT CASE WHEN found_at IS NOT NULL THEN contact_id END), COUNT(CASE WHEN forget = 1 THEN 1 END)
	FROM enrich_lookups WHERE workspace_id = $1`

// Overview gives the settings of the context's workspace.
func (s *Service) Overview(ctx context.Context) (o Overview, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if o.Settings, err = loadSettings(tx, workspaceID); err != nil {
			return err
		}
		err = s.Privacy.IsAssessed(tx, workspaceID, privacy.FeatureEnrichment)
		if o.Assessed = err == nil; err != nil && !fault.Is(err, fault.KindConflict) {
			return err
		}
		return tx.QueryRow(countOverview, workspaceID).Scan(&o.Waiting, &o.People, &o.Forgetting)
	})
	return o, fault.Wrap("enrich.Overview", err)
}

func (s Settings) apply(c SettingsChange) Settings {
	if c.Enabled != nil {
		s.Enabled = *c.Enabled
	}
	if c.Automatic != nil {
		s.Automatic = *c.Automatic
	}
	if c.Purpose != nil {
		s.Purpose = *c.Purpose
	}
	for to, from := range map[**int]*int{&s.KeepDays: c.KeepDays, &s.RefreshDays: c.RefreshDays} {
		if from != nil {
			if *to = from; *from == 0 {
				*to = nil
			}
		}
	}
	return s
}

// Set changes the settings. Switching it on needs an assessment in date and a
// purpose. What happened before that is not looked up by itself.
func (s *Service) Set(ctx context.Context, c SettingsChange) (Overview, error) {
	a, now := actor.From(ctx), s.Clock.Now()
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("enrichment " + a.WorkspaceID); err != nil {
			return err
		}
		before, err := loadSettings(tx, a.WorkspaceID)
		if err != nil {
			return err
		}
		after := before.apply(c)
		if c.Purpose != nil || after.Enabled {
			if _, err := s.Privacy.PurposeIn(tx, a.WorkspaceID, after.Purpose); err != nil {
				return err
			}
		}
		if after.Enabled {
			if err := s.Privacy.IsAssessed(tx, a.WorkspaceID, privacy.FeatureEnrichment); err != nil {
				return err
			}
		}
		reached, err := live.Last(tx, a.WorkspaceID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(upsertSettings, a.WorkspaceID, flag(after.Enabled), flag(after.Automatic), after.Purpose, after.KeepDays, after.RefreshDays, reached, clock.Micros(now)); err != nil {
			return err
		}
		return s.record(tx, a, "enrichment.settings_changed", a.WorkspaceID, map[string]string{"enabled": strconv.FormatBool(after.Enabled),
			"automatic": strconv.FormatBool(after.Automatic), "purpose": after.Purpose, "keep_days": number(after.KeepDays), "refresh_days": number(after.RefreshDays)})
	})
	if err != nil {
		return Overview{}, fault.Wrap("enrich.Set", err)
	}
	s.look()
	return s.Overview(ctx)
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// ForgetAll takes everything out that was found of anybody, in the background, and
// drops what waits.
func (s *Service) ForgetAll(ctx context.Context) (Overview, error) {
	a := actor.From(ctx)
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		for _, query := range []string{markAll, dropAll} {
			if _, err := tx.Exec(query, a.WorkspaceID); err != nil {
				return err
			}
		}
		return s.record(tx, a, "enrichment.all_forgotten", a.WorkspaceID, nil)
	})
	if err != nil {
		return Overview{}, fault.Wrap("enrich.ForgetAll", err)
	}
	s.look()
	return s.Overview(ctx)
}

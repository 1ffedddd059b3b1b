package company

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Following says whether people's companies follow from the domains of their addresses.
type Following struct {
	FromDomains bool          `json:"from_domains" doc:"Whether a contact whose verified address is of an organisation gets that company, unless somebody chose another. Public mail providers are nobody's."`
	Following   int64         `json:"following" doc:"How many people's companies followed, from an address or from a public source."`
	Pass        FollowingPass `json:"pass"`
}

// FollowingPass is a walk over a workspace's people, after the setting was changed.
type FollowingPass struct {
	Kind    string     `json:"kind" enum:"none,apply,undo" doc:"apply has everybody's company follow; undo takes back what followed."`
	State   string     `json:"state" enum:"working,done"`
	Total   int64      `json:"total" doc:"People it is about, as it began."`
	Done    int64      `json:"done" doc:"People whose turn it was."`
	Changed int64      `json:"changed" doc:"People who got another company, or none."`
	EndedAt *time.Time `json:"ended_at"`
}

// FollowingChange switches it on or off.
type FollowingChange struct {
	FromDomains bool `json:"from_domains"`
	Apply       bool `json:"apply,omitempty" doc:"Also for the people who are there already, in the background."`
	Undo        bool `json:"undo,omitempty" doc:"When switched off: take back what followed, in the background. What somebody chose or an import named stays."`
}

// The kinds of passes.
const (
	passNone  = ""
	passApply = "apply"
	passUndo  = "undo"
)

const (
	selectSettings = `SELECT from_domains, pass, total, done, changed, COALESCE(ended_at, 0) FROM company_settings WHERE workspace_id = $1`
	upsertSettings = `
	INSERT INTO company_settings (workspace_id, from_domains, cursor, done, ended_at, lease_holder, lease_until, updated_at, pass, total, changed)
	VALUES ($1, $2, '', 0, $3, '', 0, $4, $5, $6, 0)
	ON CONFLICT (workspace_id) DO UPDATE SET from_domains = excluded.from_domains, cursor = '', done = 0, ended_at = excluded.ended_at, lease_holder = '',
		lease_until = 0, updated_at = CASE WHEN company_settings.updated_at < excluded.updated_at THEN excluded.updated_at ELSE company_settings.updated_at + 1 END, pass = excluded.pass, total = excluded.total, changed = 0`
	countPeople = `SELECT COUNT(*) FROM contacts WHERE workspace_id = $1`
)

func loadSettings(tx *storage.Tx, workspaceID string) (Following, error) {
	var st Following
	var on, ended int64
	err := tx.QueryRow(selectSettings, workspaceID).Scan(&on, &st.Pass.Kind, &st.Pass.Total, &st.Pass.Done, &st.Pass.Changed, &ended)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return st, err
	}
	st.FromDomains, st.Pass.State = on != 0, "done"
	switch {
	case st.Pass.Kind == passNone:
		st.Pass.Kind = "none"
	case ended == 0:
		st.Pass.State = "working"
	default:
		at := clock.FromMicros(ended)
		st.Pass.EndedAt = &at
	}
	return st, nil
}

func describe(tx *storage.Tx, workspaceID string) (st Following, err error) {
	if st, err = loadSettings(tx, workspaceID); err == nil {
		st.Following, err = contacts.CountFollowing(tx, workspaceID)
	}
	return st, err
}

// Settings gives the settings of the context's workspace.
func (s *Service) Settings(ctx context.Context) (st Following, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		st, err = describe(tx, actor.From(ctx).WorkspaceID)
		return err
	})
	return st, fault.Wrap("company.Settings", err)
}

// ChangeSettings switches it on or off, and begins the pass that was asked for. One
// that is under way ends.
func (s *Service) ChangeSettings(ctx context.Context, c FollowingChange) (st Following, err error) {
	switch {
	case c.Undo && c.FromDomains:
		return st, fault.Invalid("undo", "goes with switching it off; it would follow again")
	case c.Apply && !c.FromDomains:
		return st, fault.Invalid("apply", "goes with switching it on")
	}
	a := actor.From(ctx)
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock(settingsLock(a.WorkspaceID)); err != nil { // whoever is changed by the setting as it was is waited for
			return err
		}
		kind, total, on, ended, err := c.pass(tx, a.WorkspaceID, s.Clock.Now())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(upsertSettings, a.WorkspaceID, on, ended, clock.Micros(s.Clock.Now()), kind, total); err != nil {
			return err
		}
		action := "company.following_off"
		if c.FromDomains {
			action = "company.following_on"
		}
		if err := s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: action, TargetType: "workspace", TargetID: a.WorkspaceID,
			Details: map[string]string{"pass": kind}}); err != nil {
			return err
		}
		st, err = describe(tx, a.WorkspaceID)
		return err
	})
	if err == nil {
		s.wakeUp()
	}
	return st, fault.Wrap("company.ChangeSettings", err)
}

// pass gives the pass that a change begins, and how many people it is about.
func (c FollowingChange) pass(tx *storage.Tx, workspaceID string, now time.Time) (kind string, total, on int64, ended any, err error) {
	if c.FromDomains {
		on = 1
	}
	switch {
	case c.Apply:
		err = tx.QueryRow(countPeople, workspaceID).Scan(&total)
		return passApply, total, on, nil, err
	case c.Undo:
		total, err = contacts.CountFollowing(tx, workspaceID)
		return passUndo, total, on, nil, err
	}
	return passNone, 0, on, clock.Micros(now), nil
}

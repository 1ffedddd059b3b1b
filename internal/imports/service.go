package imports

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// Deps is what the service needs.
type Deps struct {
	DB       *storage.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Outbox   *live.Outbox
	Contacts *contacts.Service
	Privacy  *privacy.Service
	Clock    clock.Clock
	IDs      id.Source
	Logger   *slog.Logger
	// Basis resolves a stated basis, or the workspace's default.
	Basis func(ctx context.Context, workspaceID string, stated *privacy.Basis) (privacy.Basis, error)
	// Companies gives a workspace's companies, and CompanyNames reads how rows name them.
	Companies    func(ctx context.Context, workspaceID string) (Companies, error)
	CompanyNames CompanyNames
	// Busy are SQL conditions on contacts c, of what others keep about somebody since
	// a moment: an undo leaves such people alone.
	Busy    []func(since int64) string
	MaxFile int64 // bytes of a file; 0: MaxFile
	// Batch is asked before and after the commit of a batch in tests, to break off there.
	Batch func(when string) error
}

// Service imports.
type Service struct {
	Deps
	node    string
	wake    chan struct{}
	stop    context.CancelFunc
	done    sync.WaitGroup
	mu      sync.Mutex
	working map[string]bool // imports that this node works on
}

// New gives the service.
func New(d Deps) *Service {
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.MaxFile == 0 {
		d.MaxFile = MaxFile
	}
	return &Service{Deps: d, node: id.New("nod"), wake: make(chan struct{}, 1), working: map[string]bool{}}
}

// Get gives an import with its first rows.
func (s *Service) Get(ctx context.Context, importID string) (ImportPreview, error) {
	r, err := s.load(ctx, importID)
	if err != nil {
		return ImportPreview{}, fault.Wrap("imports.Get", err)
	}
	out, err := s.preview(ctx, r)
	return out, fault.Wrap("imports.Get", err)
}

// List gives the workspace's imports, newest first: those before an id ("" for the
// first page), at most limit.
func (s *Service) List(ctx context.Context, before string, limit int) ([]Import, error) {
	if before == "" {
		before = id.Import + "_~"
	}
	var some []*record
	workspaceID := actor.From(ctx).WorkspaceID
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		some, err = loadSome(tx, workspaceID, before, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("imports.List", err)
	}
	out := make([]Import, len(some))
	for i, r := range some {
		if err := s.open(ctx, r); err != nil {
			return nil, fault.Wrap("imports.List", err)
		}
		for c := range r.stored.Columns {
			r.stored.Columns[c].Samples = nil
		}
		out[i] = r.show()
	}
	return out, nil
}

// load gives an import of the actor's workspace, opened.
func (s *Service) load(ctx context.Context, importID string) (*record, error) {
	var r *record
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = load(tx, actor.From(ctx).WorkspaceID, importID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, s.open(ctx, r)
}

func (s *Service) open(ctx context.Context, r *record) error {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: r.workspaceID})
	if err != nil {
		return err
	}
	plain, err := key.Open(settingsPlace(r.id), r.sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, &r.stored)
}

func (s *Service) seal(ctx context.Context, r *record) error {
	for i := range r.stored.Columns {
		r.stored.Columns[i].Samples = nil // they are the file's, and go with it
	}
	plain, err := json.Marshal(r.stored)
	if err != nil {
		return err
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: r.workspaceID})
	if err != nil {
		return err
	}
	r.sealed = key.Seal(settingsPlace(r.id), plain)
	return nil
}

// change loads an import, lets fn change it, and stores it if nobody did meanwhile.
func (s *Service) change(ctx context.Context, importID, action string, fn func(r *record, now time.Time) error) (*record, error) {
	for range 5 {
		r, err := s.load(ctx, importID)
		if err != nil {
			return nil, err
		}
		was, now := r.state, s.Clock.Now()
		if err := fn(r, now); err != nil {
			return nil, err
		}
		if r.state == StateReady {
			r.keep(now)
		}
		if err := s.seal(ctx, r); err != nil {
			return nil, err
		}
		if !now.After(r.updated) {
			now = r.updated.Add(time.Microsecond)
		}
		saved, before := false, r.updated
		r.updated = now
		a := actor.From(ctx)
		err = s.DB.Write(ctx, func(tx *storage.Tx) error {
			n, err := tx.Exec(`UPDATE imports SET lease_owner = '', lease_until = 0 WHERE workspace_id = $1 AND id = $2 AND updated_at = $3`, r.workspaceID, r.id, clock.Micros(before))
			if saved = false; err != nil || n == 0 {
				return err
			}
			if saved, err = save(tx, r, was); err != nil || !saved {
				return err
			}
			if !r.queued.IsZero() {
				if r.ahead, err = aheadOf(tx, r); err != nil {
					return err
				}
			}
			s.tell(tx, r, a)
			if action == "" {
				return nil
			}
			return s.Audit.Append(tx, audit.Entry{WorkspaceID: r.workspaceID, ActorType: a.Type, ActorID: a.ID, Action: action, TargetType: "import", TargetID: r.id})
		})
		if err != nil || saved {
			s.wakeUp()
			return r, err
		}
	}
	return nil, fault.Conflict("changed_meanwhile", "Others are changing this import right now. Try again in a moment.")
}

// tell appends an event about how an import stands.
func (s *Service) tell(tx *storage.Tx, r *record, by actor.Actor) {
	s.Outbox.Append(tx, live.Event{Type: live.ImportUpdated, WorkspaceID: r.workspaceID, OccurredAt: s.Clock.Now(), ActorType: by.Type, ActorID: by.ID,
		ObjectID: r.id, Details: map[string]string{"state": r.state}})
}

// Check begins a dry run over the whole file: it counts what would be done, lists
// what is wrong, and changes nobody.
func (s *Service) Check(ctx context.Context, importID string) (Import, error) {
	if err := seesAddresses(ctx); err != nil {
		return Import{}, fault.Wrap("imports.Check", err)
	}
	r, err := s.change(ctx, importID, "import.checked", func(r *record, now time.Time) error {
		if r.state != StateReady {
			return notNow("A dry run is made before it starts.")
		}
		if err := s.complete(ctx, r); err != nil {
			return err
		}
		r.state, r.queued, r.reached, r.row, r.tally, r.checked = StateChecking, now, 0, 0, ImportTally{}, nil
		return nil
	})
	return shown(r, err, "imports.Check")
}

// StartImport has the rows imported, after those of imports that were started before.
func (s *Service) StartImport(ctx context.Context, importID string) (Import, error) {
	r, err := s.change(ctx, importID, "import.started", func(r *record, now time.Time) error {
		if r.state != StateReady {
			return notNow("It has been started already, or a dry run is under way.")
		}
		if err := seesAddresses(ctx); err != nil {
			return err
		}
		if err := s.complete(ctx, r); err != nil {
			return err
		}
		r.by = actor.From(ctx).Ref()
		r.state, r.queued, r.reached, r.row, r.tally = StateQueued, now, 0, 0, ImportTally{}
		return nil
	})
	return shown(r, err, "imports.StartImport")
}

func shown(r *record, err error, op string) (Import, error) {
	if err != nil {
		return Import{}, fault.Wrap(op, err)
	}
	return r.show(), nil
}

// complete refuses an import whose settings cannot be worked with.
func (s *Service) complete(ctx context.Context, r *record) error {
	has := func(target string) bool {
		return slices.ContainsFunc(r.stored.Columns, func(c ImportColumn) bool { return c.Target == target })
	}
	if !has(r.stored.Settings.MatchBy) {
		return fault.Invalid("match_by", "needs a column: people are recognised by it")
	}
	consents := slices.ContainsFunc(r.stored.Columns, func(c ImportColumn) bool { return strings.HasPrefix(c.Target, toConsent) })
	if consents && !actor.From(ctx).Can("privacy:write") {
		return fault.Forbidden("privacy:write")
	}
	if consents && !r.stored.Settings.AskedInFull {
		return fault.Invalid("asked_in_full", "must be confirmed: consent counts only where people were shown the purpose's wording (GDPR article 7)")
	}
	if has(toPurpose) && has(toLawful) {
		return nil
	}
	_, err := s.Basis(ctx, r.workspaceID, r.stored.Settings.Basis)
	return err
}

// Cancel stops an import. What was imported before stays, and can be undone; the
// file is destroyed. A dry run that is cancelled leaves the import as it was.
func (s *Service) Cancel(ctx context.Context, importID string) (Import, error) {
	r, err := s.change(ctx, importID, "import.canceled", func(r *record, now time.Time) error {
		switch r.state {
		case StateChecking:
			r.state, r.queued, r.tally, r.reached, r.row = StateReady, time.Time{}, ImportTally{}, 0, 0
		case StateReady, StateQueued, StateRunning:
			r.end(StateCanceled, now)
			r.fileUntil = now
		default:
			return notNow("It has ended already.")
		}
		return nil
	})
	return shown(r, err, "imports.Cancel")
}

// end ends an import's work.
func (r *record) end(state string, now time.Time) {
	r.state, r.queued, r.ended = state, time.Time{}, now
	if r.tally.Created+r.tally.Updated > 0 {
		r.undoUntil = now.Add(keepUndo)
	}
	if r.tally.Failed+r.tally.Warned == 0 {
		r.fileUntil = earlier(r.fileUntil, now) // nothing is left to put right
	} else {
		r.keep(now)
	}
}

// keep has the file stay for a day more, in which it is worked with or its rows are
// put right, and never longer than a week.
func (r *record) keep(now time.Time) {
	if r.fileUntil.IsZero() {
		return
	}
	r.fileUntil = now.Add(keepIdle)
	if last := r.created.Add(keepFile); last.Before(r.fileUntil) {
		r.fileUntil = last
	}
}

// Undo takes back what an import did: who came with it and was not touched since is
// erased, and fields that it changed say again what they said, unless somebody
// changed them since.
func (s *Service) Undo(ctx context.Context, importID string) (Import, error) {
	r, err := s.change(ctx, importID, "import.undo_started", func(r *record, now time.Time) error {
		if r.undoUntil.IsZero() || !now.Before(r.undoUntil) || !slices.Contains([]string{StateDone, StateCanceled, StateFailed}, r.state) {
			return notNow("There is nothing to undo, or the time for it is over.")
		}
		if !actor.From(ctx).Can("contacts:erase") {
			return fault.Forbidden("contacts:erase")
		}
		r.state, r.queued, r.cursor, r.undone, r.fileUntil = StateUndoing, now, "", &UndoTally{Total: r.tally.Created + r.tally.Updated}, earlier(r.fileUntil, now)
		return nil
	})
	return shown(r, err, "imports.Undo")
}

// earlier gives now where there is still a moment to come.
func earlier(t, now time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return now
}

// seesAddresses refuses those from whom addresses are hidden: they would write over
// what they do not see, and a file shows what it holds.
func seesAddresses(ctx context.Context) error {
	if !actor.From(ctx).Can(workspace.SeesAddresses) {
		return fault.Forbidden(workspace.SeesAddresses)
	}
	return nil
}

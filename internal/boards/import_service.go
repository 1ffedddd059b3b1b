package boards

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/boards/takeout"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// running are the imports that this node works on.
type running struct {
	sync.Mutex
	stop  context.CancelFunc
	ctx   context.Context
	tasks sync.WaitGroup
}

// background runs a task that outlives the request which asked for it.
func (s *Service) background(ctx context.Context, task func(ctx context.Context)) {
	s.running.Lock()
	defer s.running.Unlock()
	if s.running.ctx == nil {
		s.running.ctx, s.running.stop = context.WithCancel(context.Background())
	}
	stopped := s.running.ctx
	s.running.tasks.Go(func() {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		defer context.AfterFunc(stopped, cancel)()
		task(ctx)
	})
}

// StopImports stops the imports that run here and waits for them. The same files go
// on with them later.
func (s *Service) StopImports() error {
	s.running.Lock()
	if s.running.stop != nil {
		s.running.stop()
	}
	s.running.Unlock()
	s.running.tasks.Wait()
	return nil
}

const (
	importColumns = `id, board_id, state, report, COALESCE(undo_until, 0), created_at, updated_at`
	selectImport  = `SELECT ` + importColumns + ` FROM board_imports WHERE workspace_id = $1 AND id = $2`
	selectImports = `SELECT ` + importColumns + ` FROM board_imports WHERE workspace_id = $1 AND board_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`
)

func (s *Service) scanImport(row interface{ Scan(dest ...any) error }) (BoardImport, error) {
	var m BoardImport
	var report string
	var undo, created, updated int64
	if err := row.Scan(&m.ID, &m.BoardID, &m.State, &report, &undo, &created, &updated); err != nil {
		return m, err
	}
	m.UndoUntil, m.CreatedAt, m.UpdatedAt = pointer(undo), clock.FromMicros(created), clock.FromMicros(updated)
	if m.State == ImportRunning && m.UpdatedAt.Add(aliveFor).Before(s.Clock.Now()) {
		m.State = ImportInterrupted
	}
	return m, json.Unmarshal([]byte(report), &m.Report)
}

func (s *Service) loadImport(tx *storage.Tx, workspaceID, importID string) (BoardImport, error) {
	m, err := s.scanImport(tx.QueryRow(selectImport, workspaceID, importID))
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("import")
	}
	return m, err
}

// BoardImport gives one import.
func (s *Service) BoardImport(ctx context.Context, importID string) (m BoardImport, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		m, err = s.loadImport(tx, actor.From(ctx).WorkspaceID, importID)
		return err
	})
	return m, fault.Wrap("boards.BoardImport", err)
}

// BoardImports gives a board's imports, newest first: those before an id ("" for the
// first page), at most limit.
func (s *Service) BoardImports(ctx context.Context, boardID, before string, limit int) (out []BoardImport, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	err = s.DB.Read(ctx, func(tx *storage.Tx) error {
		if _, err := loadBoard(tx, workspaceID, boardID); err != nil {
			return err
		}
		out, err = queryAll(tx, func(rows *sql.Rows) (BoardImport, error) { return s.scanImport(rows) }, selectImports, workspaceID, boardID, or(before, "bim_~"), limit)
		return err
	})
	return out, fault.Wrap("boards.BoardImports", err)
}

// Import begins to take another board over: what a file of it holds, on a basis on
// which the people in it may be kept. It goes on after it returned. What an earlier
// import of the same file added is left as it is, so an interrupted one goes on.
func (s *Service) Import(ctx context.Context, boardID string, file []byte, stated *privacy.Basis) (BoardImport, error) {
	a := actor.From(ctx)
	b, err := s.Board(ctx, boardID)
	if err != nil {
		return BoardImport{}, err
	}
	basis, err := s.Imports.Basis(ctx, a.WorkspaceID, stated)
	if err != nil {
		return BoardImport{}, fault.Wrap("boards.Import", err)
	}
	t, err := takeout.Parse(file)
	if err != nil {
		return BoardImport{}, err
	}
	now := s.Clock.Now()
	m := BoardImport{ID: s.IDs.New(id.BoardImport), BoardID: boardID, State: ImportRunning, CreatedAt: now, UpdatedAt: now,
		Report: BoardImportReport{Format: t.Format, Total: len(t.Posts), Problems: append([]takeout.LeftOut{}, t.Problems...)}}
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := s.noOtherImport(tx, a.WorkspaceID, boardID); err != nil {
			return err
		}
		now, err := loadBoard(tx, a.WorkspaceID, boardID)
		if err == nil {
			err = now.takes()
		}
		if err != nil {
			return err
		}
		report, err := json.Marshal(m.Report)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO board_imports (workspace_id, id, board_id, state, report, actor_type, actor_id, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, a.WorkspaceID, m.ID, boardID, m.State, string(report), string(a.Type), a.ID, clock.Micros(m.CreatedAt), clock.Micros(m.UpdatedAt))
		if err != nil {
			return err
		}
		return s.record(tx, a, "board.import_started", "board", boardID, map[string]string{"import_id": m.ID, "format": t.Format})
	})
	if err != nil {
		return BoardImport{}, fault.Wrap("boards.Import", err)
	}
	first := m // the answer; the task has its own
	s.background(ctx, func(ctx context.Context) { s.runImport(ctx, &importing{s: s, m: m, board: b, t: t, basis: basis}) })
	return first, nil
}

// noOtherImport has imports of a board come one after the other.
func (s *Service) noOtherImport(tx *storage.Tx, workspaceID, boardID string) error {
	if err := tx.Lock("board imports " + boardID); err != nil {
		return err
	}
	last, err := queryAll(tx, func(rows *sql.Rows) (BoardImport, error) { return s.scanImport(rows) }, selectImports, workspaceID, boardID, "bim_~", 1)
	if err != nil {
		return err
	}
	if len(last) > 0 && (last[0].State == ImportRunning || last[0].State == ImportUndoing && last[0].UpdatedAt.Add(aliveFor).After(s.Clock.Now())) {
		return fault.Conflict("import_running", "Another import into this board is under way. Wait until it is done.")
	}
	return nil
}

// saveImport stores how far an import is.
func (s *Service) saveImport(tx *storage.Tx, workspaceID string, m *BoardImport) error {
	report, err := json.Marshal(m.Report)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE board_imports SET state = $1, report = $2, undo_until = $3, updated_at = $4 WHERE workspace_id = $5 AND id = $6`,
		m.State, string(report), micros(m.UndoUntil), clock.Micros(m.UpdatedAt), workspaceID, m.ID)
	return err
}

// runImport does the work and says how it ended. What the server's stop interrupts
// stays as it is, to be gone on with.
func (s *Service) runImport(ctx context.Context, w *importing) {
	err := w.run(ctx)
	if ctx.Err() != nil {
		return
	}
	w.m.State = ImportDone
	if err != nil {
		w.m.State = ImportFailed
		s.Imports.Logger.ErrorContext(ctx, "the import of a board failed", "error", err)
	}
	now := s.Clock.Now()
	until := now.Add(undoImportFor)
	w.m.UpdatedAt, w.m.UndoUntil = now, &until
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		a := actor.From(ctx)
		if err := s.saveImport(tx, a.WorkspaceID, &w.m); err != nil {
			return err
		}
		return s.record(tx, a, "board.import_ended", "board", w.m.BoardID, map[string]string{"import_id": w.m.ID, "state": w.m.State})
	})
	if err != nil {
		s.Imports.Logger.ErrorContext(ctx, "how the import of a board ended could not be stored", "error", err)
	}
}

// ImportDeps is what imports need besides.
type ImportDeps struct {
	// Basis resolves a stated basis, or the workspace's default.
	Basis func(ctx context.Context, workspaceID string, stated *privacy.Basis) (privacy.Basis, error)
	// Forget erases somebody who came with an import, if nothing is theirs, and tells
	// whether it did.
	Forget func(ctx context.Context, contactID string) (bool, error)
	// Logger takes failures of what runs in the background, and of files on their way.
	Logger *slog.Logger
}

// later instants of one import's rows: never in the future, never before the board
// of any product was.
func (w *importing) when(at, otherwise time.Time) time.Time {
	now := w.s.Clock.Now()
	if at.IsZero() {
		at = otherwise
	}
	if at.IsZero() || at.After(now) {
		return now
	}
	return at.Truncate(time.Microsecond)
}

package files

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/blob"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB     *storage.DB
	Vault  *vault.Vault
	Store  blob.Store
	Clock  clock.Clock
	IDs    id.Source
	Logger *slog.Logger
	// Masked gives a name as the workspace lets it be stored. Nil: as it is.
	Masked func(ctx context.Context, text string) (string, error)
}

// drawAtOnce is how many pictures are drawn at a time: each may take some hundred
// megabytes.
const drawAtOnce = 2

// Service keeps files. It is safe for concurrent use.
type Service struct {
	Deps
	slots chan struct{}
	wake  chan struct{}
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// New gives the service.
func New(d Deps) *Service {
	return &Service{Deps: d, slots: make(chan struct{}, drawAtOnce), wake: make(chan struct{}, 1)}
}

// Staged is a file whose bytes are stored, and that nobody knows of yet.
type Staged struct {
	File
	workspaceID string
	by          actor.Actor
	key         []byte
}

// Stage checks a file of the actor's, draws it anew if it is a picture, and stores its
// bytes, sealed. Who calls it writes its row, or calls [Service.Discard].
func (s *Service) Stage(ctx context.Context, name string, content []byte) (*Staged, error) {
	if len(content) == 0 {
		return nil, fault.Wrap("files.Stage", refused("is empty"))
	}
	if len(content) > MaxSize {
		return nil, fault.Wrap("files.Stage", TooLarge())
	}
	name = cleanName(name)
	kind, err := kindOf(name, content)
	if err != nil {
		return nil, fault.Wrap("files.Stage", err)
	}
	f, kept, err := s.draw(ctx, kind, content)
	if err != nil {
		return nil, fault.Wrap("files.Stage", err)
	}
	if s.Masked != nil {
		if name, err = s.Masked(ctx, name); err != nil {
			return nil, err
		}
	}
	f.ID, f.Name, f.CreatedAt = s.IDs.New(id.File), named(name, f.Type), s.Clock.Now()
	a := actor.From(ctx)
	st := &Staged{File: f, workspaceID: a.WorkspaceID, by: a, key: blob.NewKey()}
	_, err = blob.Sealed{Store: s.Store}.Put(ctx, blobName(a.WorkspaceID, f.ID), st.key, bytes.NewReader(kept))
	return st, fault.Wrap("files.Stage", err)
}

func (s *Service) draw(ctx context.Context, kind string, content []byte) (File, []byte, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return File{}, nil, ctx.Err()
	}
	return drawn(kind, content)
}

// Discard removes the bytes of files that came to nothing. Those that it cannot
// remove are found within a day.
func (s *Service) Discard(ctx context.Context, staged ...*Staged) {
	for _, st := range staged {
		if err := s.Store.Delete(context.WithoutCancel(ctx), blobName(st.workspaceID, st.ID)); err != nil {
			s.Logger.WarnContext(ctx, "an upload that came to nothing stays for a day", "file", st.ID, "error", err)
		}
	}
}

// TooLarge is what is said of a file that is larger than may be.
func TooLarge() error { return fault.TooLarge("A file may have at most 10 MB.") }

// blobName is under which name the bytes of a file are stored.
func blobName(workspaceID, fileID string) string { return workspaceID + "/" + fileID }

func namePlace(fileID string) vault.Place {
	return vault.Place{Table: "files", Column: "name_sealed", Row: fileID}
}

func keyPlace(fileID string) vault.Place {
	return vault.Place{Table: "files", Column: "key_sealed", Row: fileID}
}

// key gives the key that seals what belongs to a contact, or the workspace's for "".
func (s *Service) key(ctx context.Context, workspaceID, contactID string) (*vault.Key, error) {
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: workspaceID, ID: contactID})
	if fault.Is(err, fault.KindGone) {
		return nil, fault.NotFound("contact")
	}
	return key, err
}

// What a person and what a key or an operator may upload in a day.
const (
	dayOfContact = 50 << 20
	dayOfOthers  = 2 << 30
	day          = 24 * time.Hour
)

const selectDay = `SELECT COALESCE(SUM(size), 0) FROM files WHERE workspace_id = $1 AND author_id = $2 AND created_at > $3`

// mayAdd refuses what is more than somebody may upload in a day. It holds what else
// they upload until the transaction ends.
func mayAdd(tx *storage.Tx, a actor.Actor, size int64, now time.Time) error {
	if err := tx.Lock("files " + a.WorkspaceID + " " + a.ID); err != nil {
		return err
	}
	var sum int64
	if err := tx.QueryRow(selectDay, a.WorkspaceID, a.ID, clock.Micros(now.Add(-day))).Scan(&sum); err != nil {
		return err
	}
	most := int64(dayOfOthers)
	if a.Type == actor.Contact {
		most = dayOfContact
	}
	if sum+size > most {
		return fault.TooMany(time.Hour, "These are more files than one person may upload in a day. Go on tomorrow.")
	}
	return nil
}

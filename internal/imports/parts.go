package imports

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"strconv"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// partBytes is how much of a file is sealed and stored at once.
const partBytes = 512 << 10

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// parts reads a stored file, a part at a time.
type parts struct {
	ctx      context.Context //nolint:containedctx // a reader belongs to one piece of work
	service  *Service
	key      *vault.Key
	of       *record
	next     int64
	rest     []byte
	consumed int64
}

// openFile gives the file of an import. One that was destroyed is gone.
func (s *Service) openFile(ctx context.Context, r *record) (*parts, error) {
	key, err := s.Vault.Key(ctx, fileSubject(r))
	if fault.Is(err, fault.KindGone) || fault.Is(err, fault.KindNotFound) || r.fileUntil.IsZero() {
		return nil, errNoFile
	}
	if err != nil {
		return nil, err
	}
	return &parts{ctx: ctx, service: s, key: key, of: r}, nil
}

var errNoFile = fault.Gone("file_gone", "The file has been destroyed. Upload it again.")

func fileSubject(r *record) vault.Subject {
	return vault.Subject{Workspace: r.workspaceID, ID: r.id}
}

func (p *parts) Read(into []byte) (int, error) {
	if len(p.rest) == 0 {
		if err := p.load(); err != nil {
			return 0, err
		}
	}
	n := copy(into, p.rest)
	p.rest = p.rest[n:]
	p.consumed += int64(n)
	return n, nil
}

func (p *parts) load() error {
	var sealed []byte
	err := p.service.DB.Read(p.ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(selectPart, p.of.workspaceID, p.of.id, p.next).Scan(&sealed)
	})
	if errors.Is(err, sql.ErrNoRows) {
		if p.consumed < p.of.bytes {
			return errNoFile // it is being destroyed
		}
		return io.EOF
	}
	if err != nil {
		return err
	}
	if p.rest, err = p.key.Open(partPlace(p.of.id, p.next), sealed); err != nil {
		if fault.Is(err, fault.KindGone) {
			return errNoFile
		}
		return err
	}
	p.next++
	return nil
}

// destroyFile destroys a file's key, after which nothing of it can be read, and then
// its parts, a few at a time. It may run again after a crash.
func (s *Service) destroyFile(ctx context.Context, r *record) error {
	if err := s.Vault.Erase(ctx, fileSubject(r)); err != nil {
		return fault.Wrap("imports.destroyFile", err)
	}
	for {
		var n int64
		err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
			if n, err = tx.Exec(deleteParts, r.workspaceID, r.id, 16); err != nil || n > 0 {
				return err
			}
			_, err = tx.Exec(`UPDATE imports SET file_until = NULL WHERE workspace_id = $1 AND id = $2`, r.workspaceID, r.id)
			return err
		})
		if err != nil || n == 0 {
			return fault.Wrap("imports.destroyFile", err)
		}
	}
}

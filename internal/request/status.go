package request

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// statusLife is for how long after a request was closed its link still tells how it
// ended.
const statusLife = 90 * day

const selectByLink = `SELECT ` + requestColumns + fromRequests + `
	WHERE r.workspace_id = $1 AND r.link_hash = $2 AND (r.closed_at IS NULL OR r.closed_at > $3)`

// Status gives the state of the request that a link from a mail is about: its kind,
// its times and how it ended, and nothing about the person. It answers also when
// the person was erased meanwhile; link_invalid when there is no such link any more.
func (s *Service) Status(ctx context.Context, workspaceID, token string) (Request, error) {
	if !looksLikeToken(token) {
		return Request{}, invalidLink()
	}
	var r row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = scanRow(tx.QueryRow(selectByLink, workspaceID, hashOf(token), clock.Micros(s.Clock.Now().Add(-statusLife))))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Request{}, invalidLink()
	}
	if err != nil {
		return Request{}, fault.Wrap("request.Status", err)
	}
	ws, err := s.Workspaces.Get(ctx, workspaceID)
	if err != nil {
		return Request{}, fault.Wrap("request.Status", err)
	}
	out, err := s.open(ws, r, nil)
	out.Purpose = ""
	return out.forPerson(), fault.Wrap("request.Status", err)
}

const forgetLinks = `
	UPDATE privacy_requests SET link_hash = NULL, portal_id = NULL WHERE (workspace_id, id) IN
		(SELECT workspace_id, id FROM privacy_requests WHERE link_hash IS NOT NULL AND closed_at < $1 ORDER BY closed_at LIMIT $2)`

package request

import (
	"context"
	"fmt"
	"strings"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Ages names what a workspace may set a term for: requests that are closed.
func (s *Service) Ages() []string { return []string{privacy.AgesRequests} }

// closedBefore are the requests that a rule has come to.
const closedBefore = ` FROM privacy_requests r WHERE r.workspace_id = $1 AND r.closed_at IS NOT NULL AND r.closed_at < $2`

// about narrows it to those whom the rule is about. Of a request whose person was
// erased nobody is left to be spared.
func about(r privacy.Rule) string {
	of := r.Of("r")
	if of == "" {
		return ""
	}
	return ` AND (r.contact_id IS NULL OR ` + strings.TrimPrefix(of, ` AND `) + `)`
}

// Retain deletes requests that were closed before the rule's moment. That they were
// made, and how they ended, stays in the audit log.
func (s *Service) Retain(_ context.Context, tx *storage.Tx, r privacy.Rule) (int64, error) {
	if r.Category != privacy.AgesRequests {
		return 0, nil
	}
	n, err := tx.Exec(`DELETE FROM privacy_requests WHERE workspace_id = $1 AND id IN (SELECT r.id`+closedBefore+about(r)+` ORDER BY r.closed_at LIMIT $3)`,
		r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("privacy_requests", n)
	return n, err
}

// Due counts what Retain would delete in all.
func (s *Service) Due(_ context.Context, tx *storage.Tx, r privacy.Rule) (privacy.Counts, error) {
	if r.Category != privacy.AgesRequests {
		return privacy.Counts{}, nil
	}
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*)`+closedBefore+about(r), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
	return privacy.Counts{"privacy_requests": n}, err
}

// KeepsContact is an SQL condition on contacts c: they have a request that is not
// closed, or was closed since a moment.
func KeepsContact(since int64) string {
	return fmt.Sprintf(`EXISTS (SELECT 1 FROM privacy_requests q WHERE q.workspace_id = c.workspace_id AND q.contact_id = c.id
		AND (q.closed_at IS NULL OR q.closed_at >= %d))`, since)
}

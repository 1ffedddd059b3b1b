package inbox

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// readsContacts is what it also takes to learn who belongs to a company.
const readsContacts = "contacts:read"

// selectOfCompany finds what a company's people talked about: those who belong to it,
// and whoever was merged into one of them. It sorts what they said, and no more.
const selectOfCompany = `SELECT ` + conversationColumns + ` FROM (
		SELECT k.id, k.activity_at FROM (
			SELECT p.workspace_id, p.id FROM contacts p
			WHERE p.workspace_id = $1 AND p.company_id = $2 AND p.deleted_at IS NULL AND p.merged_into IS NULL
			UNION ALL
			SELECT m.workspace_id, m.id FROM contacts p JOIN contacts m ON m.workspace_id = p.workspace_id AND m.merged_into = p.id
			WHERE p.workspace_id = $1 AND p.company_id = $2 AND p.deleted_at IS NULL AND p.merged_into IS NULL
		) w JOIN conversations k ON k.workspace_id = w.workspace_id AND k.contact_id = w.id
		WHERE (k.activity_at, k.id) < ($3, $4) ORDER BY k.activity_at DESC, k.id DESC LIMIT $5
	) n JOIN conversations v ON v.workspace_id = $1 AND v.id = n.id` + joinContacts + `
	ORDER BY n.activity_at DESC, n.id DESC`

// OfCompany gives the conversations of a company's people, as [Service.List] does.
func (s *Service) OfCompany(ctx context.Context, companyID string, after *At, limit int) ([]Conversation, error) {
	const op = "inbox.OfCompany"
	a := actor.From(ctx)
	if !a.Can(readsContacts) {
		return nil, fault.Forbidden(readsContacts)
	}
	err := s.DB.Read(ctx, func(tx *storage.Tx) error { return s.HasCompany(tx, a.WorkspaceID, companyID) })
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	out, err := s.walk(ctx, after, limit, func(tx *storage.Tx, at At, limit int) ([]row, error) {
		return scanConversations(tx.Query(selectOfCompany, a.WorkspaceID, companyID, at.Activity, at.ID, limit))
	})
	return out, fault.Wrap(op, err)
}

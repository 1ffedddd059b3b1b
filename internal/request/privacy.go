package request

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "request" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	personal := func(table, column, category, retention string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfContact, Category: category,
			Purpose: "accountability", LawfulBasis: "legal_obligation", Retention: retention, Recipients: []string{"the workspace's operators"}}
	}
	const kept = "as long as the contact exists"
	details := personal("privacy_requests", "details_sealed", "privacy_request", kept, "what you wrote", "what you want corrected",
		"what you were answered", "why it takes longer", "the language and the link of the request")
	details.Sealed, details.Ages = true, privacy.AgesRequests
	ask := personal("portal_asks", "address_sealed", "identity", "seconds, until the link is sent or nobody is found", "the address that a link was asked for")
	ask.Sealed, ask.Recipients = true, []string{"nobody: it is read by the machine and deleted"}
	link := personal("portal_links", "email_token", "identity", "30 minutes, or until the link is used", "a keyed token of the address")
	session := personal("portal_sessions", "email_token", "identity", "60 minutes", "a keyed token of the address")
	link.Recipients, session.Recipients = ask.Recipients, ask.Recipients
	fields := []privacy.Field{details, ask, link, session,
		personal("privacy_requests", "kind", "privacy_request", kept, "what you asked for"),
		personal("privacy_requests", "purpose", "privacy_request", kept, "what you objected to"),
		personal("privacy_requests", "received_at", "privacy_request", kept, "when you asked"),
	}
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("privacy_requests", "extended_at", "extended_by_type", "extended_by", "told_levels", "workspace_id", "id", "contact_id", "source", "state", "proof", "verified_by", "verified_at", "actor_type",
			"actor_id", "handler_id", "started_at", "automatic", "hold", "reason", "closed_at", "closed_by_type", "closed_by", "receipt_id",
			"link_hash", "portal_id", "period_days", "reminded", "remind_at", "due_at", "updated_at"),
		privacy.Nothing("portal_asks", "workspace_id", "id", "locale", "created_at"),
		privacy.Nothing("portal_links", "workspace_id", "token_hash", "contact_id", "expires_at"),
		privacy.Nothing("portal_sessions", "workspace_id", "token_hash", "id", "expires_at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// RequestExport is a request as it is handed to the person: without the names of
// those who worked on it.
type RequestExport struct {
	ID         string            `json:"id"`
	Kind       string            `json:"kind"`
	Source     string            `json:"source"`
	State      string            `json:"state"`
	Purpose    string            `json:"purpose"`
	Note       string            `json:"note"`
	Changes    map[string]string `json:"changes"`
	Proof      string            `json:"proof"`
	Reason     string            `json:"reason"`
	Answer     string            `json:"answer"`
	ReceivedAt time.Time         `json:"received_at"`
	DueAt      time.Time         `json:"due_at"`
	ClosedAt   *time.Time        `json:"closed_at"`
	ExtendedAt *time.Time        `json:"extended_at"`
	Extension  string            `json:"extension"`
}

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{{Name: "privacy_requests", Record: RequestExport{}, Tables: []string{"privacy_requests"}}}
}

const selectOfContact = `SELECT ` + requestColumns + fromRequests + `WHERE r.workspace_id = $1 AND r.contact_id = $2 ORDER BY r.id`

// Export hands out the person's requests, oldest first.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	rows, err := scanRows(tx.Query(selectOfContact, sub.WorkspaceID, sub.ContactID))
	if err != nil || len(rows) == 0 {
		return err
	}
	key, err := s.Vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) {
		return nil // whatever is there, nobody can read it
	}
	if err != nil {
		return err
	}
	for _, r := range rows {
		d, err := openDetails(key, r)
		if err != nil {
			return err
		}
		err = out("privacy_requests", RequestExport{ID: r.id, Kind: r.kind, Source: r.source, State: r.state, Purpose: r.purpose, Note: d.Note,
			Changes: d.Changes, Proof: r.proof, Reason: r.reason, Answer: d.Answer, ReceivedAt: r.received, DueAt: r.due, ClosedAt: pointer(r.closed),
			ExtendedAt: pointer(r.extended), Extension: d.Longer})
		if err != nil {
			return err
		}
	}
	return nil
}

const closeOfErased = `
	UPDATE privacy_requests SET state = $1, reason = $2, closed_at = $3, closed_by_type = $4, closed_by = $5, receipt_id = $6
	WHERE workspace_id = $7 AND id = $8`

// In a restored copy the request is as old as the copy: when it was answered is not
// known there, so the moment of its last change has to do.
const closeOfPurged = `
	UPDATE privacy_requests SET closed_at = updated_at, closed_by_type = 'system', closed_by = 'restore',
		state = CASE WHEN kind = 'erasure' THEN 'completed' ELSE 'refused' END,
		reason = CASE WHEN kind = 'erasure' THEN NULL ELSE 'nothing_held' END
	WHERE workspace_id = $1 AND contact_id = $2 AND closed_at IS NULL`

// What is left of a request whose person was erased: what, when, how it ended.
const forgetPerson = `
	UPDATE privacy_requests SET contact_id = NULL, details_sealed = NULL, purpose = NULL, automatic = 0, hold = NULL, remind_at = NULL,
		actor_id = CASE WHEN actor_type = 'contact' THEN NULL ELSE actor_id END,
		closed_by = CASE WHEN closed_by_type = 'contact' THEN NULL ELSE closed_by END
	WHERE workspace_id = $1 AND contact_id = $2`

const deleteLinks = `DELETE FROM portal_links WHERE workspace_id = $1 AND contact_id = $2`

// A portal session lives on without its address when nobody else has that address:
// it shows how the request of somebody erased ended, and nothing more.
const forgetAddresses = `
	UPDATE portal_sessions SET email_token = $1
	WHERE workspace_id = $2 AND NOT EXISTS (SELECT 1 FROM contact_tokens t
		WHERE t.workspace_id = $2 AND t.kind = 'email' AND t.token = portal_sessions.email_token AND t.contact_id <> $3)`

// Erase closes the person's open requests, takes everything of theirs from all of
// them, and deletes their links. An erasure is answered by it; what else was open
// is answered too: nothing is held any more.
func (s *Service) Erase(ctx context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	if err := s.closeAll(ctx, tx, sub); err != nil {
		return nil, err
	}
	n, err := tx.Exec(forgetPerson, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	links, err := tx.Exec(deleteLinks, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(forgetAddresses, []byte{}, sub.WorkspaceID, sub.ContactID); err != nil {
		return nil, err
	}
	return privacy.Counts{"privacy_requests": n, "portal_links": links}, nil
}

// closeAll closes what is open. A purge after a restore tells nobody: the erasure
// has been told of.
func (s *Service) closeAll(ctx context.Context, tx *storage.Tx, sub privacy.Subject) error {
	if privacy.ReceiptOf(ctx) == "" {
		_, err := tx.Exec(closeOfPurged, sub.WorkspaceID, sub.ContactID)
		return err
	}
	rows, err := scanRows(tx.Query(selectOfContact, sub.WorkspaceID, sub.ContactID))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.isOpen() {
			if err := s.closeErased(ctx, tx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) closeErased(ctx context.Context, tx *storage.Tx, r row) error {
	a, now := actor.From(ctx), s.Clock.Now()
	if a.IsZero() {
		a = actor.Actor{Type: actor.System, ID: "erasure", WorkspaceID: r.workspaceID}
	}
	r.state, r.reason, r.closed, r.closedByType, r.closedBy = Refused, NothingHeld, now, string(a.Type), a.ID
	event, details := "privacy_request.refused", map[string]string{"reason": NothingHeld}
	if r.kind == Erasure {
		r.state, r.reason, r.receiptID = Completed, "", privacy.ReceiptOf(ctx)
		event, details = "privacy_request.completed", map[string]string{"receipt": r.receiptID}
	}
	_, err := tx.Exec(closeOfErased, r.state, text(r.reason), clock.Micros(now), r.closedByType, r.closedBy, text(r.receiptID), r.workspaceID, r.id)
	if err != nil {
		return err
	}
	return s.record(tx, r, a, r.state, event, details)
}

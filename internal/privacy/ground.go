package privacy

import (
	"context"

	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

// ground is the holder of the tables below the domains: events, the audit log,
// the search index, kept answers. They hold ids, keyed tokens and sealed bytes.
type ground struct {
	audit  *audit.Log
	exists func(tx *storage.Tx, sub Subject) error
	s      *Service
}

func (ground) Name() string { return "ground" }

func (ground) Fields() []Field {
	fields := []Field{{Table: "idempotency_keys", Column: "response_sealed", Holds: []string{"the answer to a request"}, Whose: OfContact,
		Category: "technical", Ages: AgesAnswers, Purpose: "reliability", LawfulBasis: "legitimate_interests", Retention: "24 hours",
		Recipients: []string{"the caller that sent the key"}, Sealed: true},
		{Table: "access_places", Column: "place_sealed", Holds: []string{"from where somebody looked at people's data: shortened network, family of the browser and system"}, Whose: OfOperator,
			Category: "technical", Purpose: "security", LawfulBasis: "legitimate_interests", Retention: "180 days, or until the account is erased",
			Recipients: []string{"those who may read the audit log"}, Sealed: true}}
	// Keyed tokens of what people wrote: on SQLite they wait in a table of their
	// own for the index, on PostgreSQL they stand in the document's row.
	words := Field{Table: "search_pending", Column: "tokens", Holds: []string{"keyed tokens of the words of messages"}, Whose: OfContact,
		Category: "communication", Ages: AgesMessages, Purpose: PurposeSupport, LawfulBasis: "legitimate_interests", Retention: "until the contact is erased",
		Recipients: []string{"nobody: tokens are compared, not shown"}, Engine: "sqlite"}
	inRow := words
	inRow.Table, inRow.Engine = "search_docs", "postgres"
	number := Nothing("search_pending", "doc")[0]
	number.Engine = "sqlite"
	fields = append(fields, words, inRow, number)
	for _, nothing := range [][]Field{
		Nothing("idempotency_keys", "workspace_id", "key_hash", "request_hash", "status", "contact_id", "created_at"),
		Nothing("idempotency_people", "workspace_id", "key_hash", "contact_id"),
		Nothing("event_sequences", "workspace_id", "sequence"),
		Nothing("events", "workspace_id", "sequence", "id", "type", "actor_type", "actor_id", "contact_id", "conversation_id", "object_id", "details", "occurred_at"),
		Nothing("audit_entries", "workspace_id", "position", "id", "actor_type", "actor_id", "area", "action", "target_type", "target_id", "details", "occurred_at", "hashes"),
		Nothing("audit_trees", "workspace_id", "size", "edge", "signature"),
		Nothing("audit_checkpoints", "workspace_id", "size", "note", "created_at"),
		Nothing("access_subjects", "workspace_id", "contact_id", "position"),
		Nothing("access_places", "workspace_id", "position", "created_at"),
		Nothing("search_docs", "doc", "workspace_id", "kind", "ref_id", "parent_id", "contact_id", "at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// Sections says what is handed out.
func (ground) Sections() []Section {
	return []Section{
		{Name: "access_log", Record: audit.ReadExport{}, Tables: []string{"audit_entries", "access_subjects"}},
		{Name: "change_log", Record: audit.ChangeExport{}, Tables: []string{"audit_entries"}},
		{Name: "events", Record: live.EventExport{}, Tables: []string{"events"}},
	}
}

// Export hands out who looked at the person's data and when, what was changed, and
// what happened. Kept answers are not handed out: each repeats for a day what is
// stored elsewhere, and only to whoever sent the request.
func (g ground) Export(_ context.Context, tx *storage.Tx, s Subject, out Export) error {
	err := g.exists(tx, s)
	if fault.Is(err, fault.KindNotFound) {
		return nil // ids of somebody erased stay, and are about nobody
	}
	if err != nil {
		return err
	}
	err = audit.ExportReads(tx, s.WorkspaceID, s.ContactID, func(r audit.ReadExport) error { return out("access_log", r) })
	if err != nil {
		return err
	}
	err = audit.ExportChanges(tx, s.WorkspaceID, s.ContactID, func(c audit.ChangeExport) error { return out("change_log", c) })
	if err != nil {
		return err
	}
	return live.ExportEvents(tx, s.WorkspaceID, s.ContactID, func(e live.EventExport) error { return out("events", e) })
}

// Erase deletes kept answers about the person. Of one that is about others too the
// key stays: a repeated request must not take effect on them twice. Events and the audit log stay:
// they hold an id that means nothing once the person is gone, and prove the
// erasure. The search index is emptied by the domains that fill it.
func (ground) Erase(_ context.Context, tx *storage.Tx, s Subject) (Counts, error) {
	n, err := storage.Delete(tx, "idempotency_keys", "workspace_id, key_hash", `workspace_id = $1 AND contact_id = $2`, s.WorkspaceID, s.ContactID)
	if err != nil {
		return nil, err
	}
	shared, err := dropShared(tx, s)
	return Counts{"idempotency_keys": n, "idempotency_people": shared}, err
}

// OperatorSections says what is handed out about operators.
func (ground) OperatorSections() []Section {
	return []Section{{Name: "own_actions", Record: audit.ActionExport{}, Tables: []string{"audit_entries", "access_places"}}}
}

// ExportOperator hands out what the operator did and looked at.
func (g ground) ExportOperator(ctx context.Context, tx *storage.Tx, operatorID string, out Export) error {
	return g.audit.ExportActions(ctx, tx, operatorID, func(a audit.ActionExport) error { return out("own_actions", a) })
}

// EraseOperator deletes kept answers about the operator. The audit log stays, with
// an id that leads to nobody any more; from where they looked is sealed with their key
// and goes with that.
func (ground) EraseOperator(tx *storage.Tx, operatorID string) (Counts, error) {
	n, err := tx.Exec(`DELETE FROM idempotency_keys WHERE workspace_id IN (SELECT id FROM workspaces) AND contact_id = $1`, operatorID)
	return Counts{"idempotency_keys": n}, err
}

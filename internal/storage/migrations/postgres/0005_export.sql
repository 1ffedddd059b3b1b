-- +goose Up

-- What happened about a person is handed to them on request (GDPR article 15).
CREATE INDEX events_by_contact ON events (workspace_id, contact_id, sequence) WHERE contact_id IS NOT NULL;

-- What an operator did, in all workspaces, is handed to that operator.
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, workspace_id, position);

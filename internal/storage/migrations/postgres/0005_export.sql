-- +goose Up

-- What happened about a person is handed to them on request (GDPR article 15).
CREATE INDEX events_by_contact ON events (workspace_id, contact_id, sequence) WHERE contact_id IS NOT NULL;

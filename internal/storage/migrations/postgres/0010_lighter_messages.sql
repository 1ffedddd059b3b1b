-- +goose Up

-- What a message writes besides itself: an erasure finds the documents by the ids of the person's messages, and an export
-- finds a person's events but those of messages, which it lists as messages anyway.
DROP INDEX search_docs_contact;
DROP INDEX events_by_contact;
CREATE INDEX events_of_contact ON events (workspace_id, contact_id, sequence) WHERE contact_id IS NOT NULL AND type <> 'message.created';

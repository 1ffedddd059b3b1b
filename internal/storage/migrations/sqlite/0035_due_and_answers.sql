-- +goose Up

-- What waits for each provider, so that one provider's long queue is never read for the sake of another.
DROP INDEX enrich_lookups_due;
CREATE INDEX enrich_lookups_due ON enrich_lookups (workspace_id, provider_id, next_at) WHERE state = 'waiting';

-- Whom a kept answer is about, where it is about several: it goes with the first of them that is erased.
CREATE TABLE idempotency_people (
    workspace_id TEXT  NOT NULL,
    key_hash     BLOB NOT NULL,
    contact_id   TEXT  NOT NULL,
    PRIMARY KEY (workspace_id, key_hash, contact_id)
) WITHOUT ROWID;
CREATE INDEX idempotency_people_by_contact ON idempotency_people (workspace_id, contact_id);

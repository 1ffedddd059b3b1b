-- +goose Up

-- What waits for each provider, so that one provider's long queue is never read for the sake of another.
DROP INDEX enrich_lookups_due;
CREATE INDEX enrich_lookups_due ON enrich_lookups (workspace_id, provider_id, next_at) WHERE state = 'waiting';

-- +goose Up

-- What waits for each provider, so that one provider's long queue is never read for the sake of another.
DROP INDEX enrich_lookups_due;
CREATE INDEX enrich_lookups_due ON enrich_lookups (workspace_id, provider_id, next_at) WHERE state = 'waiting';

-- Whom a kept answer is about, where it is about several: it goes with the first of them that is erased.
CREATE TABLE idempotency_people (
    workspace_id TEXT  NOT NULL COLLATE "C",
    key_hash     BYTEA NOT NULL,
    contact_id   TEXT  NOT NULL COLLATE "C",
    PRIMARY KEY (workspace_id, key_hash, contact_id)
);
CREATE INDEX idempotency_people_by_contact ON idempotency_people (workspace_id, contact_id);

-- When something was found of a person, looked up anew or forgotten, and where: never what it was.
CREATE TABLE enrich_history (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    what         TEXT   NOT NULL COLLATE "C", -- found, refreshed, forgotten
    provider_id  TEXT   NOT NULL COLLATE "C",
    source       TEXT   NOT NULL COLLATE "C", -- what the provider was called then
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, at, id)
);

-- What people did on boards, in the order of their timelines.
CREATE INDEX posts_of_contact ON posts (workspace_id, contact_id, created_at, id) WHERE contact_id IS NOT NULL;
CREATE INDEX post_votes_of_contact ON post_votes (workspace_id, contact_id, created_at, post_id);
CREATE INDEX post_comments_of_contact ON post_comments (workspace_id, contact_id, created_at, id) WHERE contact_id IS NOT NULL;

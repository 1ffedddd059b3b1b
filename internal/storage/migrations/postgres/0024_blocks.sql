-- +goose Up

-- Who is not let in: they keep their rights over their data, and take part in nothing else. It stands with each contact that
-- was the person when it began; a person is blocked if any contact of theirs is.
CREATE TABLE contact_blocks (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    reason       TEXT   NOT NULL COLLATE "C", -- spam, abuse, fraud, other
    until        BIGINT,          -- null: until it is lifted
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id)
);
CREATE INDEX contact_blocks_ending ON contact_blocks (until) WHERE until IS NOT NULL;

-- Addresses, domains and networks that nobody is let in with. An address and a network are here as keyed tokens alone.
CREATE TABLE blocks (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    kind         TEXT   NOT NULL COLLATE "C", -- email, domain, network
    token        BYTEA   NOT NULL,
    domain       TEXT   NOT NULL COLLATE "C", -- of kind domain, as it is written; otherwise empty
    contact_id   TEXT COLLATE "C",            -- whose block brought it; null: it stands alone
    reason       TEXT   NOT NULL COLLATE "C",
    until        BIGINT,          -- null: until it is lifted; a network's always has an end
    outlives     BIGINT NOT NULL, -- 1: an address stays blocked when whose it is was erased
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX blocks_by_token ON blocks (workspace_id, kind, token);
CREATE INDEX blocks_by_contact ON blocks (workspace_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX blocks_ending ON blocks (until) WHERE until IS NOT NULL;

-- The value that a job gives everybody: sealed with the workspace's key, gone when the job ends.
ALTER TABLE bulk_jobs ADD COLUMN value_sealed BYTEA;

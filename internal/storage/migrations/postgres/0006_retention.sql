-- +goose Up

-- How long a workspace keeps what; the row of a rule that was taken back stays, without days.
CREATE TABLE retention_rules (
    workspace_id TEXT   NOT NULL COLLATE "C",
    category     TEXT   NOT NULL COLLATE "C",
    purpose      TEXT   NOT NULL COLLATE "C", -- '': whatever it is kept for
    scope        TEXT   NOT NULL COLLATE "C", -- narrows a category; '' where there is nothing to narrow
    days         BIGINT,
    version      BIGINT NOT NULL, -- grows with each change
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, category, purpose)
);

-- What was removed, when, and by which version of which rule.
CREATE TABLE retention_runs (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    results      TEXT   NOT NULL COLLATE "C", -- JSON: rules and counts
    started_at   BIGINT NOT NULL, -- days are counted back from here
    ended_at     BIGINT,
    lease_holder TEXT   NOT NULL COLLATE "C", -- the process that works on it
    lease_until  BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX retention_runs_open ON retention_runs (workspace_id) WHERE ended_at IS NULL;

-- Who has not come for how long.
CREATE INDEX contacts_idle ON contacts (workspace_id, COALESCE(last_seen_at, created_at), id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_seen ON contacts (workspace_id, last_seen_at) WHERE last_seen_at % 2592000000000 <> 0;
-- Only of what is done: a message that comes in touches no row of it.
CREATE INDEX conversations_read ON conversations (workspace_id, contact_read_at) WHERE contact_read_at IS NOT NULL AND state = 'resolved';
CREATE INDEX privacy_requests_closed ON privacy_requests (workspace_id, closed_at) WHERE closed_at IS NOT NULL;

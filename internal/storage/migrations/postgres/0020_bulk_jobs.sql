-- +goose Up

-- One act on many people, done in the background.
CREATE TABLE bulk_jobs (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    action       TEXT   NOT NULL COLLATE "C",
    tag          TEXT   NOT NULL COLLATE "C", -- of tag and untag
    state        TEXT   NOT NULL COLLATE "C", -- running, done, cancelled
    total        BIGINT NOT NULL,
    outcomes     TEXT   NOT NULL COLLATE "C", -- JSON: how many came out how
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    lease_holder TEXT   NOT NULL COLLATE "C",
    lease_until  BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX bulk_jobs_running ON bulk_jobs (lease_until) WHERE state = 'running';

-- Who is still to be acted on: fixed when the job began, gone when it is their turn.
CREATE TABLE bulk_items (
    workspace_id TEXT NOT NULL COLLATE "C",
    job_id       TEXT NOT NULL COLLATE "C",
    contact_id   TEXT NOT NULL COLLATE "C",
    PRIMARY KEY (workspace_id, job_id, contact_id)
);
CREATE INDEX bulk_items_by_contact ON bulk_items (workspace_id, contact_id);

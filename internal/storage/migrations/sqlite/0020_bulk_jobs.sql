-- +goose Up

-- One act on many people, done in the background.
CREATE TABLE bulk_jobs (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    tag          TEXT   NOT NULL, -- of tag and untag
    state        TEXT   NOT NULL, -- running, done, cancelled
    total        BIGINT NOT NULL,
    outcomes     TEXT   NOT NULL, -- JSON: how many came out how
    actor_type   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    lease_holder TEXT   NOT NULL,
    lease_until  BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE INDEX bulk_jobs_running ON bulk_jobs (lease_until) WHERE state = 'running';

-- Who is still to be acted on: fixed when the job began, gone when it is their turn.
CREATE TABLE bulk_items (
    workspace_id TEXT NOT NULL,
    job_id       TEXT NOT NULL,
    contact_id   TEXT NOT NULL,
    PRIMARY KEY (workspace_id, job_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX bulk_items_by_contact ON bulk_items (workspace_id, contact_id);

-- +goose Up

-- Where a workspace is told of its events.
CREATE TABLE webhook_endpoints (
    workspace_id      TEXT   NOT NULL COLLATE "C",
    id                TEXT   NOT NULL COLLATE "C",
    url_sealed        BYTEA   NOT NULL, -- with the workspace's own key, as the secrets: an address may hold one
    event_types       TEXT   NOT NULL COLLATE "C", -- words apart by spaces
    secret_sealed     BYTEA   NOT NULL, -- signs deliveries
    old_secret_sealed BYTEA,            -- signs them, too, until
    old_secret_until  BIGINT,
    state             TEXT   NOT NULL COLLATE "C", -- on, off
    off_reason        TEXT COLLATE "C",            -- operator, gone, failing
    failing_since     BIGINT,          -- the first failure since the last success
    reached           BIGINT NOT NULL, -- the last event that has become a delivery, or was not wanted
    lease_owner       TEXT COLLATE "C",            -- the node that delivers
    lease_until       BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX webhook_endpoints_on ON webhook_endpoints (workspace_id, id) WHERE state = 'on';

-- One event for one endpoint: ids, states and counts. What is told is made when it is sent.
CREATE TABLE webhook_deliveries (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    endpoint_id  TEXT   NOT NULL COLLATE "C",
    sequence     BIGINT NOT NULL, -- of the event
    event_id     TEXT   NOT NULL COLLATE "C",
    event_type   TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT COLLATE "C",
    state        TEXT   NOT NULL COLLATE "C", -- waiting, delivered, failed, dropped
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    status_code  BIGINT,          -- of the last answer
    error        TEXT COLLATE "C",            -- why there was none: a word
    duration_ms  BIGINT,
    attempted_at BIGINT,
    finished_at  BIGINT,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (workspace_id, endpoint_id, sequence);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (workspace_id, endpoint_id, id);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (workspace_id, state, id);
CREATE INDEX webhook_deliveries_by_contact ON webhook_deliveries (workspace_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (workspace_id, endpoint_id, next_at, sequence) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_queue ON webhook_deliveries (workspace_id, endpoint_id, contact_id, sequence) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (workspace_id, finished_at) WHERE finished_at IS NOT NULL;

-- Which hosts were told what about a person (GDPR articles 15 (1) (c) and 19), for as long as the person is there.
CREATE TABLE webhook_recipients (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    host         TEXT   NOT NULL COLLATE "C",
    event_type   TEXT   NOT NULL COLLATE "C",
    told         BIGINT NOT NULL, -- how often
    first_at     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, host, event_type)
);

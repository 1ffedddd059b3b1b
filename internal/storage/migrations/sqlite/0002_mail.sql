-- +goose Up

-- Mails that wait, went out or failed. What is personal in one is sealed with its
-- recipient's own key.
CREATE TABLE mails (
    workspace_id   TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    contact_id     TEXT,            -- the recipient: a contact,
    operator_id    TEXT,            -- or an operator
    template       TEXT   NOT NULL,
    key_hash       BLOB NOT NULL, -- SHA-256 of the caller's key: the same is queued once
    state          TEXT   NOT NULL, -- queued, held, sent, failed
    code           TEXT,            -- why it is held, failed, or was put off last
    attempts       BIGINT NOT NULL,
    next_at        BIGINT NOT NULL, -- when it may be taken; while it is being sent: when the lease ends
    lease          TEXT,            -- who is sending it
    message_id     TEXT   NOT NULL, -- its Message-ID, the same in each attempt
    content_sealed BLOB NOT NULL, -- JSON: address, name, locale, values
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT,          -- not sent later than this
    first_at       BIGINT,          -- of the first attempt
    finished_at    BIGINT,          -- sent or failed
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX mails_by_key ON mails (workspace_id, key_hash);
CREATE INDEX mails_due ON mails (next_at) WHERE finished_at IS NULL;
CREATE INDEX mails_by_contact ON mails (workspace_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX mails_by_operator ON mails (operator_id) WHERE operator_id IS NOT NULL;
CREATE INDEX mails_by_age ON mails (workspace_id, created_at);

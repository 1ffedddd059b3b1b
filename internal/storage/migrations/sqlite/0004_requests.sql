-- +goose Up

-- What people ask for under chapter III of the GDPR. When the person is erased their row stays without what is theirs:
-- no contact, no words, so that it can be shown that the request was answered.
CREATE TABLE privacy_requests (
    workspace_id   TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    contact_id     TEXT,            -- null once the person was erased
    kind           TEXT   NOT NULL, -- access, rectification, erasure, restriction, portability, objection
    source         TEXT   NOT NULL, -- portal, widget, email_link, api, operator
    state          TEXT   NOT NULL, -- received, verified, in_progress, completed, refused, withdrawn
    purpose        TEXT,            -- what is objected to; null: everything that can be
    details_sealed BLOB,            -- JSON: what the person wrote, what is to be corrected, the answer in words, the link's token
    proof          TEXT,            -- how identity was shown: mail_link, identity_token, session, operator, api_key
    verified_by    TEXT,            -- the operator or key that vouched
    verified_at    BIGINT,
    actor_type     TEXT   NOT NULL, -- who filed it
    actor_id       TEXT,            -- null once the person was erased, if they filed it themselves
    handler_id     TEXT,            -- the operator or key that took it on
    started_at     BIGINT,
    automatic      BIGINT NOT NULL, -- 1: the machine answers it
    hold           TEXT,            -- what the machine waits for: legal_hold
    reason         TEXT,            -- of a refusal, from a list
    closed_at      BIGINT,
    closed_by_type TEXT,
    closed_by      TEXT,
    receipt_id     TEXT,            -- of the erasure
    link_hash      BLOB,            -- SHA-256 of the token with which its state can be looked up
    portal_id      TEXT,            -- the portal session that it was filed in
    period_days    BIGINT NOT NULL, -- how long the workspace had to answer
    reminded       BIGINT NOT NULL, -- how many reminders went out; 4: overdue was told
    remind_at      BIGINT,          -- when the next is due; null: none
    received_at    BIGINT NOT NULL,
    due_at         BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE INDEX privacy_requests_by_contact ON privacy_requests (workspace_id, contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX privacy_requests_by_portal ON privacy_requests (workspace_id, portal_id, id) WHERE portal_id IS NOT NULL;
CREATE INDEX privacy_requests_open ON privacy_requests (workspace_id, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX privacy_requests_by_reminder ON privacy_requests (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX privacy_requests_automatic ON privacy_requests (updated_at) WHERE automatic = 1 AND closed_at IS NULL;
CREATE INDEX privacy_requests_with_link ON privacy_requests (closed_at) WHERE link_hash IS NOT NULL;
CREATE UNIQUE INDEX privacy_requests_by_link ON privacy_requests (workspace_id, link_hash) WHERE link_hash IS NOT NULL;

-- Addresses that somebody asked a link for. They wait here, known or not, for a second at most; so that the answer tells nothing.
CREATE TABLE portal_asks (
    workspace_id   TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    address_sealed BLOB   NOT NULL, -- sealed with the workspace's own key
    locale         TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE INDEX portal_asks_by_age ON portal_asks (created_at);

-- Links by mail that prove an address: used once, for half an hour.
CREATE TABLE portal_links (
    workspace_id TEXT   NOT NULL,
    token_hash   BLOB   NOT NULL, -- SHA-256; the token itself is only in the mail
    contact_id   TEXT   NOT NULL, -- to whom it was sent
    email_token  BLOB   NOT NULL, -- the address, as the blind index has it
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, token_hash)
) WITHOUT ROWID;
CREATE INDEX portal_links_by_contact ON portal_links (workspace_id, contact_id);
CREATE INDEX portal_links_by_expiry ON portal_links (expires_at);

-- Whoever opened such a link, for an hour.
CREATE TABLE portal_sessions (
    workspace_id TEXT   NOT NULL,
    token_hash   BLOB   NOT NULL, -- SHA-256; the token itself is only in the browser
    id           TEXT   NOT NULL,
    email_token  BLOB   NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, token_hash)
) WITHOUT ROWID;
CREATE INDEX portal_sessions_by_expiry ON portal_sessions (expires_at);

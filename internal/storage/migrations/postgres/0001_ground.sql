-- +goose Up

-- A workspace is one customer's tenant.
CREATE TABLE workspaces (
    id                     TEXT   NOT NULL COLLATE "C" PRIMARY KEY,
    name                   TEXT   NOT NULL COLLATE "C",
    slug                   TEXT   NOT NULL COLLATE "C" UNIQUE,
    widget_key             TEXT   NOT NULL COLLATE "C" UNIQUE, -- public; stands in the script tag
    settings               TEXT   NOT NULL COLLATE "C",        -- JSON
    identity_secret_sealed BYTEA NOT NULL,        -- signs identity tokens; sealed with the workspace's own key
    created_at             BIGINT NOT NULL,
    updated_at             BIGINT NOT NULL
);

-- The number of the last event of each workspace. Apart from workspaces, since it changes with every write.
CREATE TABLE event_sequences (
    workspace_id TEXT   NOT NULL COLLATE "C" PRIMARY KEY,
    sequence     BIGINT NOT NULL
);

-- Operators sign in; one person may belong to several workspaces.
CREATE TABLE operators (
    id             TEXT   NOT NULL COLLATE "C" PRIMARY KEY,
    profile_sealed BYTEA NOT NULL,
    email_token    BYTEA NOT NULL UNIQUE,
    password_hash  TEXT   NOT NULL COLLATE "C",
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    last_seen_at   BIGINT
);

CREATE TABLE memberships (
    workspace_id TEXT   NOT NULL COLLATE "C",
    operator_id  TEXT   NOT NULL COLLATE "C",
    role         TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, operator_id)
);
CREATE INDEX memberships_by_operator ON memberships (operator_id, workspace_id);

CREATE TABLE sessions (
    token_hash   BYTEA NOT NULL PRIMARY KEY, -- SHA-256; the token itself is only with the browser
    id           TEXT   NOT NULL COLLATE "C" UNIQUE,
    operator_id  TEXT   NOT NULL COLLATE "C",
    workspace_id TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX sessions_by_operator ON sessions (operator_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    name         TEXT   NOT NULL COLLATE "C",
    prefix       TEXT   NOT NULL COLLATE "C",          -- the first characters, by which people recognise it
    secret_hash  BYTEA NOT NULL UNIQUE,   -- SHA-256 of a 256-bit random secret
    scopes       TEXT   NOT NULL COLLATE "C",          -- words apart by spaces
    created_by   TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (workspace_id, id)
);

-- Answers kept for a day, so that a repeated POST changes nothing (Idempotency-Key).
CREATE TABLE idempotency_keys (
    workspace_id    TEXT   NOT NULL COLLATE "C",
    key_hash        BYTEA NOT NULL, -- over the actor and the key
    request_hash    BYTEA NOT NULL,
    status          BIGINT,          -- null until the answer is known
    contact_id      TEXT COLLATE "C",            -- whose key seals the answer; null: the workspace's
    response_sealed BYTEA,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key_hash)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_by_contact ON idempotency_keys (workspace_id, contact_id) WHERE contact_id IS NOT NULL;

-- Contacts are the people who use the customer's website.
CREATE TABLE contacts (
    workspace_id      TEXT   NOT NULL COLLATE "C",
    id                TEXT   NOT NULL COLLATE "C",
    profile_sealed    BYTEA NOT NULL, -- JSON: see the catalogue
    external_id_token BYTEA,
    source            TEXT   NOT NULL COLLATE "C", -- widget, api, dashboard, demo
    verified_at       BIGINT,          -- identity proven by a signed token or by the customer's code
    restricted_at     BIGINT,
    deleted_at        BIGINT,          -- in the bin since
    last_seen_at      BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX contacts_by_external_id ON contacts (workspace_id, external_id_token) WHERE external_id_token IS NOT NULL;
CREATE INDEX contacts_in_bin ON contacts (workspace_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Blind tokens: how a contact is found without plaintext.
CREATE TABLE contact_tokens (
    workspace_id TEXT   NOT NULL COLLATE "C",
    kind         TEXT   NOT NULL COLLATE "C", -- email, phone, name
    token        BYTEA NOT NULL,
    contact_id   TEXT   NOT NULL COLLATE "C",
    PRIMARY KEY (workspace_id, kind, token, contact_id)
);
CREATE INDEX contact_tokens_by_contact ON contact_tokens (workspace_id, contact_id);

-- Why each person's data may be processed (GDPR article 6), as stated when it came in.
CREATE TABLE processing_bases (
    workspace_id    TEXT   NOT NULL COLLATE "C",
    contact_id      TEXT   NOT NULL COLLATE "C",
    id              TEXT   NOT NULL COLLATE "C",
    purpose         TEXT   NOT NULL COLLATE "C",
    lawful_basis    TEXT   NOT NULL COLLATE "C",
    evidence_sealed BYTEA,
    source          TEXT   NOT NULL COLLATE "C",
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
);

-- What data is used for; a changed wording is a new version.
CREATE TABLE purposes (
    workspace_id TEXT   NOT NULL COLLATE "C",
    key          TEXT   NOT NULL COLLATE "C",
    version      BIGINT NOT NULL,
    name         TEXT   NOT NULL COLLATE "C",
    lawful_basis TEXT   NOT NULL COLLATE "C",
    wording      TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key, version)
);

-- Consents given and withdrawn (GDPR article 7); rows are only ever added.
CREATE TABLE consents (
    workspace_id    TEXT   NOT NULL COLLATE "C",
    contact_id      TEXT   NOT NULL COLLATE "C",
    id              TEXT   NOT NULL COLLATE "C",
    purpose         TEXT   NOT NULL COLLATE "C",
    action          TEXT   NOT NULL COLLATE "C", -- grant, withdraw
    wording         TEXT   NOT NULL COLLATE "C", -- exactly what was shown
    wording_hash    TEXT   NOT NULL COLLATE "C",
    purpose_version BIGINT NOT NULL,
    source          TEXT   NOT NULL COLLATE "C", -- widget, api, dashboard
    actor_type      TEXT   NOT NULL COLLATE "C",
    actor_id        TEXT   NOT NULL COLLATE "C",
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
);

-- Receipts of erasure: ids, counts and a signature, nothing personal.
CREATE TABLE erasures (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    row_counts   TEXT   NOT NULL COLLATE "C", -- JSON: how many rows of each table went
    created_at   BIGINT NOT NULL,
    completed_at BIGINT,          -- null until the key is destroyed too
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX erasures_by_contact ON erasures (workspace_id, contact_id);
CREATE INDEX erasures_unfinished ON erasures (created_at) WHERE completed_at IS NULL;

CREATE TABLE conversations (
    workspace_id         TEXT   NOT NULL COLLATE "C",
    id                   TEXT   NOT NULL COLLATE "C",
    contact_id           TEXT   NOT NULL COLLATE "C",
    subject_sealed       BYTEA,
    state                TEXT   NOT NULL COLLATE "C", -- open, pending, snoozed, resolved
    priority             TEXT   NOT NULL COLLATE "C", -- none, low, medium, high, urgent
    assignee_id          TEXT COLLATE "C",
    channel              TEXT   NOT NULL COLLATE "C", -- chat, api
    message_count        BIGINT NOT NULL,
    unread_count         BIGINT NOT NULL, -- for the operators
    contact_unread_count BIGINT NOT NULL,
    last_message_id      TEXT COLLATE "C",
    last_author_type     TEXT COLLATE "C",
    last_message_type    TEXT COLLATE "C",
    last_message_at      BIGINT,
    preview_sealed       BYTEA,          -- the beginning of the last message that the contact may see
    tags                 TEXT   NOT NULL COLLATE "C", -- JSON list; conversation_tags is its index
    snoozed_until        BIGINT,
    operator_read_at     BIGINT,
    contact_read_at      BIGINT,
    activity_at          BIGINT NOT NULL, -- orders the lists
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX conversations_by_activity ON conversations (workspace_id, state, activity_at, id);
CREATE INDEX conversations_by_contact ON conversations (workspace_id, contact_id);
CREATE INDEX conversations_by_assignee ON conversations (workspace_id, assignee_id, state) WHERE assignee_id IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE conversation_tags (
    workspace_id    TEXT   NOT NULL COLLATE "C",
    conversation_id TEXT   NOT NULL COLLATE "C",
    tag             TEXT   NOT NULL COLLATE "C",
    PRIMARY KEY (workspace_id, conversation_id, tag)
);
CREATE INDEX conversation_tags_by_tag ON conversation_tags (workspace_id, tag, conversation_id);

-- Messages lie together by conversation, so that a thread is one walk.
CREATE TABLE messages (
    workspace_id    TEXT   NOT NULL COLLATE "C",
    conversation_id TEXT   NOT NULL COLLATE "C",
    id              TEXT   NOT NULL COLLATE "C",
    contact_id      TEXT   NOT NULL COLLATE "C", -- whose key seals it
    author_type     TEXT   NOT NULL COLLATE "C",
    author_id       TEXT   NOT NULL COLLATE "C",
    type            TEXT   NOT NULL COLLATE "C", -- reply, note
    body_sealed     BYTEA,          -- null once redacted
    client_id       TEXT COLLATE "C",            -- makes a retry harmless
    created_at      BIGINT NOT NULL,
    redacted_at     BIGINT,
    PRIMARY KEY (workspace_id, conversation_id, id)
);
CREATE UNIQUE INDEX messages_by_client_id ON messages (workspace_id, contact_id, author_type, author_id, client_id) WHERE client_id IS NOT NULL;

-- The outbox: what happened, in order, without anything personal.
CREATE TABLE events (
    workspace_id    TEXT   NOT NULL COLLATE "C",
    sequence        BIGINT NOT NULL,
    id              TEXT   NOT NULL COLLATE "C",
    type            TEXT   NOT NULL COLLATE "C",
    actor_type      TEXT   NOT NULL COLLATE "C",
    actor_id        TEXT   NOT NULL COLLATE "C",
    contact_id      TEXT COLLATE "C",
    conversation_id TEXT COLLATE "C",
    object_id       TEXT COLLATE "C",
    details         TEXT COLLATE "C",            -- JSON of ids and states
    occurred_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, sequence)
);

-- The audit log: a Merkle tree a workspace (RFC 6962 hashes); '' is the installation's own. Rows are only ever added.
CREATE TABLE audit_entries (
    workspace_id TEXT   NOT NULL COLLATE "C",
    position     BIGINT NOT NULL,
    id           TEXT   NOT NULL COLLATE "C",
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    area         TEXT   NOT NULL COLLATE "C", -- the action's first word
    action       TEXT   NOT NULL COLLATE "C",
    target_type  TEXT   NOT NULL COLLATE "C",
    target_id    TEXT   NOT NULL COLLATE "C",
    details      TEXT   NOT NULL COLLATE "C", -- JSON of ids and counts
    occurred_at  BIGINT NOT NULL,
    hashes       BYTEA  NOT NULL, -- the leaf's hash, then those of the nodes that it completes
    PRIMARY KEY (workspace_id, position)
);
CREATE INDEX audit_entries_by_area ON audit_entries (workspace_id, area, position);
CREATE INDEX audit_entries_changes ON audit_entries (workspace_id, position) WHERE area <> 'access';
CREATE INDEX audit_entries_by_target ON audit_entries (workspace_id, target_id, position) WHERE area <> 'access';

-- Where each tree ends. Whoever appends holds this row.
CREATE TABLE audit_trees (
    workspace_id TEXT   NOT NULL COLLATE "C" PRIMARY KEY,
    size         BIGINT NOT NULL,
    edge         BYTEA  NOT NULL, -- the hashes of the whole subtrees, largest first
    signature    BYTEA  NOT NULL  -- over workspace, size and root
);
CREATE TABLE audit_checkpoints (
    workspace_id TEXT   NOT NULL COLLATE "C",
    size         BIGINT NOT NULL,
    note         TEXT   NOT NULL COLLATE "C", -- signed (c2sp.org/signed-note)
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, size)
);

-- Which access entries concern a person.
CREATE TABLE access_subjects (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    position     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, position)
);

-- Search over sealed text: keyed tokens only.
CREATE TABLE search_docs (
    workspace_id TEXT     NOT NULL COLLATE "C",
    doc          BIGINT   NOT NULL,
    kind         TEXT     NOT NULL COLLATE "C",
    ref_id       TEXT     NOT NULL COLLATE "C",
    parent_id    TEXT     NOT NULL COLLATE "C",
    contact_id   TEXT     NOT NULL COLLATE "C",
    at           BIGINT   NOT NULL,
    tokens       TSVECTOR NOT NULL,
    PRIMARY KEY (workspace_id, doc)
);
CREATE INDEX search_docs_ref ON search_docs (workspace_id, kind, ref_id);
CREATE INDEX search_docs_contact ON search_docs (workspace_id, contact_id);
-- New rows wait in a list that each query reads from end to end: keep it short.
CREATE INDEX search_docs_tokens ON search_docs USING gin (tokens) WITH (gin_pending_list_limit = 512);

-- +goose Up

-- A workspace is one customer's tenant.
CREATE TABLE workspaces (
    id                     TEXT   NOT NULL PRIMARY KEY,
    name                   TEXT   NOT NULL,
    slug                   TEXT   NOT NULL UNIQUE,
    widget_key             TEXT   NOT NULL UNIQUE, -- public; stands in the script tag
    settings               TEXT   NOT NULL,        -- JSON
    identity_secret_sealed BLOB NOT NULL,        -- signs identity tokens; sealed with the workspace's own key
    created_at             BIGINT NOT NULL,
    updated_at             BIGINT NOT NULL
) WITHOUT ROWID;

-- The number of the last event of each workspace. Apart from workspaces, since it changes with every write.
CREATE TABLE event_sequences (
    workspace_id TEXT   NOT NULL PRIMARY KEY,
    sequence     BIGINT NOT NULL
) WITHOUT ROWID;

-- Operators sign in; one person may belong to several workspaces.
CREATE TABLE operators (
    id             TEXT   NOT NULL PRIMARY KEY,
    profile_sealed BLOB NOT NULL,
    email_token    BLOB NOT NULL UNIQUE,
    password_hash  TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    last_seen_at   BIGINT
) WITHOUT ROWID;

CREATE TABLE memberships (
    workspace_id TEXT   NOT NULL,
    operator_id  TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, operator_id)
) WITHOUT ROWID;
CREATE INDEX memberships_by_operator ON memberships (operator_id, workspace_id);

CREATE TABLE sessions (
    token_hash   BLOB NOT NULL PRIMARY KEY, -- SHA-256; the token itself is only with the browser
    id           TEXT   NOT NULL UNIQUE,
    operator_id  TEXT   NOT NULL,
    workspace_id TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_operator ON sessions (operator_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    prefix       TEXT   NOT NULL,          -- the first characters, by which people recognise it
    secret_hash  BLOB NOT NULL UNIQUE,   -- SHA-256 of a 256-bit random secret
    scopes       TEXT   NOT NULL,          -- words apart by spaces
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

-- Answers kept for a day, so that a repeated POST changes nothing (Idempotency-Key).
CREATE TABLE idempotency_keys (
    workspace_id    TEXT   NOT NULL,
    key_hash        BLOB NOT NULL, -- over the actor and the key
    request_hash    BLOB NOT NULL,
    status          BIGINT,          -- null until the answer is known
    contact_id      TEXT,            -- whose key seals the answer; null: the workspace's
    response_sealed BLOB,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key_hash)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_by_contact ON idempotency_keys (workspace_id, contact_id) WHERE contact_id IS NOT NULL;

-- Contacts are the people who use the customer's website.
CREATE TABLE contacts (
    workspace_id      TEXT   NOT NULL,
    id                TEXT   NOT NULL,
    profile_sealed    BLOB NOT NULL, -- JSON: see the catalogue
    external_id_token BLOB,
    source            TEXT   NOT NULL, -- widget, api, dashboard, demo
    verified_at       BIGINT,          -- identity proven by a signed token or by the customer's code
    restricted_at     BIGINT,
    deleted_at        BIGINT,          -- in the bin since
    last_seen_at      BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX contacts_by_external_id ON contacts (workspace_id, external_id_token) WHERE external_id_token IS NOT NULL;
CREATE INDEX contacts_in_bin ON contacts (workspace_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Blind tokens: how a contact is found without plaintext.
CREATE TABLE contact_tokens (
    workspace_id TEXT   NOT NULL,
    kind         TEXT   NOT NULL, -- email, phone, name
    token        BLOB NOT NULL,
    contact_id   TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, kind, token, contact_id)
) WITHOUT ROWID;
CREATE INDEX contact_tokens_by_contact ON contact_tokens (workspace_id, contact_id);

-- Why each person's data may be processed (GDPR article 6), as stated when it came in.
CREATE TABLE processing_bases (
    workspace_id    TEXT   NOT NULL,
    contact_id      TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    purpose         TEXT   NOT NULL,
    lawful_basis    TEXT   NOT NULL,
    evidence_sealed BLOB,
    source          TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
) WITHOUT ROWID;

-- What data is used for; a changed wording is a new version.
CREATE TABLE purposes (
    workspace_id TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    lawful_basis TEXT   NOT NULL,
    wording      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key, version)
) WITHOUT ROWID;

-- Consents given and withdrawn (GDPR article 7); rows are only ever added.
CREATE TABLE consents (
    workspace_id    TEXT   NOT NULL,
    contact_id      TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    purpose         TEXT   NOT NULL,
    action          TEXT   NOT NULL, -- grant, withdraw
    wording         TEXT   NOT NULL, -- exactly what was shown
    wording_hash    TEXT   NOT NULL,
    purpose_version BIGINT NOT NULL,
    source          TEXT   NOT NULL, -- widget, api, dashboard
    actor_type      TEXT   NOT NULL,
    actor_id        TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
) WITHOUT ROWID;

-- Receipts of erasure: ids, counts and a signature, nothing personal.
CREATE TABLE erasures (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    actor_type   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    row_counts   TEXT   NOT NULL, -- JSON: how many rows of each table went
    created_at   BIGINT NOT NULL,
    completed_at BIGINT,          -- null until the key is destroyed too
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX erasures_by_contact ON erasures (workspace_id, contact_id);
CREATE INDEX erasures_unfinished ON erasures (created_at) WHERE completed_at IS NULL;

CREATE TABLE conversations (
    workspace_id         TEXT   NOT NULL,
    id                   TEXT   NOT NULL,
    contact_id           TEXT   NOT NULL,
    subject_sealed       BLOB,
    state                TEXT   NOT NULL, -- open, pending, snoozed, resolved
    priority             TEXT   NOT NULL, -- none, low, medium, high, urgent
    assignee_id          TEXT,
    channel              TEXT   NOT NULL, -- chat, api
    message_count        BIGINT NOT NULL,
    unread_count         BIGINT NOT NULL, -- for the operators
    contact_unread_count BIGINT NOT NULL,
    last_message_id      TEXT,
    last_author_type     TEXT,
    last_message_type    TEXT,
    last_message_at      BIGINT,
    preview_sealed       BLOB,          -- the beginning of the last message that the contact may see
    tags                 TEXT   NOT NULL, -- JSON list; conversation_tags is its index
    snoozed_until        BIGINT,
    operator_read_at     BIGINT,
    contact_read_at      BIGINT,
    activity_at          BIGINT NOT NULL, -- orders the lists
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE INDEX conversations_by_activity ON conversations (workspace_id, state, activity_at, id);
CREATE INDEX conversations_by_contact ON conversations (workspace_id, contact_id);
CREATE INDEX conversations_by_assignee ON conversations (workspace_id, assignee_id, state) WHERE assignee_id IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE conversation_tags (
    workspace_id    TEXT   NOT NULL,
    conversation_id TEXT   NOT NULL,
    tag             TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, conversation_id, tag)
) WITHOUT ROWID;
CREATE INDEX conversation_tags_by_tag ON conversation_tags (workspace_id, tag, conversation_id);

-- Messages lie together by conversation, so that a thread is one walk.
CREATE TABLE messages (
    workspace_id    TEXT   NOT NULL,
    conversation_id TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    contact_id      TEXT   NOT NULL, -- whose key seals it
    author_type     TEXT   NOT NULL,
    author_id       TEXT   NOT NULL,
    type            TEXT   NOT NULL, -- reply, note
    body_sealed     BLOB,          -- null once redacted
    client_id       TEXT,            -- makes a retry harmless
    created_at      BIGINT NOT NULL,
    redacted_at     BIGINT,
    PRIMARY KEY (workspace_id, conversation_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_client_id ON messages (workspace_id, contact_id, author_type, author_id, client_id) WHERE client_id IS NOT NULL;

-- The outbox: what happened, in order, without anything personal.
CREATE TABLE events (
    workspace_id    TEXT   NOT NULL,
    sequence        BIGINT NOT NULL,
    id              TEXT   NOT NULL,
    type            TEXT   NOT NULL,
    actor_type      TEXT   NOT NULL,
    actor_id        TEXT   NOT NULL,
    contact_id      TEXT,
    conversation_id TEXT,
    object_id       TEXT,
    details         TEXT,            -- JSON of ids and states
    occurred_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, sequence)
) WITHOUT ROWID;

-- The audit log: a Merkle tree a workspace (RFC 6962 hashes); '' is the installation's own. Rows are only ever added.
CREATE TABLE audit_entries (
    workspace_id TEXT   NOT NULL,
    position     BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    actor_type   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    area         TEXT   NOT NULL, -- the action's first word
    action       TEXT   NOT NULL,
    target_type  TEXT   NOT NULL,
    target_id    TEXT   NOT NULL,
    details      TEXT   NOT NULL, -- JSON of ids and counts
    occurred_at  BIGINT NOT NULL,
    hashes       BLOB   NOT NULL, -- the leaf's hash, then those of the nodes that it completes
    PRIMARY KEY (workspace_id, position)
) WITHOUT ROWID;
CREATE INDEX audit_entries_by_area ON audit_entries (workspace_id, area, position);
CREATE INDEX audit_entries_changes ON audit_entries (workspace_id, position) WHERE area <> 'access';
CREATE INDEX audit_entries_by_target ON audit_entries (workspace_id, target_id, position) WHERE area <> 'access';

-- Where each tree ends. Whoever appends holds this row.
CREATE TABLE audit_trees (
    workspace_id TEXT   NOT NULL PRIMARY KEY,
    size         BIGINT NOT NULL,
    edge         BLOB   NOT NULL, -- the hashes of the whole subtrees, largest first
    signature    BLOB   NOT NULL  -- over workspace, size and root
) WITHOUT ROWID;
CREATE TABLE audit_checkpoints (
    workspace_id TEXT   NOT NULL,
    size         BIGINT NOT NULL,
    note         TEXT   NOT NULL, -- signed (c2sp.org/signed-note)
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, size)
) WITHOUT ROWID;

-- Which access entries concern a person.
CREATE TABLE access_subjects (
    workspace_id TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, position)
) WITHOUT ROWID;

-- Search over sealed text: keyed tokens only. New documents wait in search_pending and are moved into the index
-- behind the commit; a query looks at both.
CREATE TABLE search_docs (
    doc          INTEGER PRIMARY KEY,
    workspace_id TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    ref_id       TEXT    NOT NULL,
    parent_id    TEXT    NOT NULL,
    contact_id   TEXT    NOT NULL,
    at           BIGINT  NOT NULL
);
CREATE INDEX search_docs_ref ON search_docs (workspace_id, kind, ref_id);
CREATE INDEX search_docs_contact ON search_docs (workspace_id, contact_id);
CREATE TABLE search_pending (
    doc    INTEGER PRIMARY KEY,
    tokens BLOB    NOT NULL
);
-- SQLite refuses columnsize=0 together with contentless_delete=1.
CREATE VIRTUAL TABLE search_words USING fts5 (words, content='', contentless_delete=1, detail=none, tokenize='ascii');

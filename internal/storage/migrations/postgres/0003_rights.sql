-- +goose Up

-- What people are shown in other languages, as JSON: {"de": {"name", "wording"}}; locale is that of name and wording.
ALTER TABLE purposes ADD COLUMN locale TEXT NOT NULL COLLATE "C" DEFAULT 'en';
ALTER TABLE purposes ADD COLUMN translations TEXT NOT NULL COLLATE "C" DEFAULT '{}';

-- In which language the wording was shown, and how it was given where an operator recorded it.
ALTER TABLE consents ADD COLUMN locale TEXT NOT NULL COLLATE "C" DEFAULT 'en';
ALTER TABLE consents ADD COLUMN evidence_sealed BYTEA;

-- Until when a legal hold keeps the person from being erased; what follows from legal_holds.
ALTER TABLE contacts ADD COLUMN held_until BIGINT;
CREATE INDEX contacts_restricted ON contacts (workspace_id, id) WHERE restricted_at IS NOT NULL;

-- Objections to a purpose, and their taking back (GDPR article 21); rows are only ever added.
CREATE TABLE objections (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    purpose      TEXT   NOT NULL COLLATE "C",
    action       TEXT   NOT NULL COLLATE "C", -- object, withdraw
    source       TEXT   NOT NULL COLLATE "C",
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
);

-- Restrictions of processing, and their lifting (article 18); rows are only ever added. contacts.restricted_at follows from them.
CREATE TABLE restrictions (
    workspace_id  TEXT   NOT NULL COLLATE "C",
    contact_id    TEXT   NOT NULL COLLATE "C",
    id            TEXT   NOT NULL COLLATE "C",
    action        TEXT   NOT NULL COLLATE "C", -- restrict, lift
    reason_sealed BYTEA,
    actor_type    TEXT   NOT NULL COLLATE "C",
    actor_id      TEXT   NOT NULL COLLATE "C",
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
);

-- Legal holds (article 17(3)(e)): they block erasure until they end or are lifted.
CREATE TABLE legal_holds (
    workspace_id   TEXT   NOT NULL COLLATE "C",
    contact_id     TEXT   NOT NULL COLLATE "C",
    id             TEXT   NOT NULL COLLATE "C",
    reason_sealed  BYTEA   NOT NULL,
    ends_at        BIGINT NOT NULL,
    actor_type     TEXT   NOT NULL COLLATE "C",
    actor_id       TEXT   NOT NULL COLLATE "C",
    created_at     BIGINT NOT NULL,
    lifted_at      BIGINT,
    lifted_by_type TEXT COLLATE "C",
    lifted_by_id   TEXT COLLATE "C",
    PRIMARY KEY (workspace_id, contact_id, id)
);

-- What was rectified: the changed fields by name, and their former values until these are forgotten.
CREATE TABLE contact_changes (
    workspace_id  TEXT   NOT NULL COLLATE "C",
    contact_id    TEXT   NOT NULL COLLATE "C",
    id            TEXT   NOT NULL COLLATE "C",
    fields        TEXT   NOT NULL COLLATE "C", -- names apart by spaces
    former_sealed BYTEA,            -- JSON; null once forgotten
    source        TEXT   NOT NULL COLLATE "C",
    actor_type    TEXT   NOT NULL COLLATE "C",
    actor_id      TEXT   NOT NULL COLLATE "C",
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
);
CREATE INDEX contact_changes_by_age ON contact_changes (workspace_id, created_at) WHERE former_sealed IS NOT NULL;

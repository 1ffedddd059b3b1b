-- +goose Up

-- Tables of people on their way into a workspace. One at a time is worked on.
CREATE TABLE imports (
    workspace_id    TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    state           TEXT   NOT NULL, -- uploading, ready, checking, queued, running, done, canceled, failed, undoing, undone
    settings_sealed BLOB   NOT NULL, -- JSON, with the workspace's own key: file name, headings, what each column is for
    bytes           BIGINT NOT NULL, -- of the file
    reached_bytes   BIGINT NOT NULL, -- by the work under way
    reached_row     BIGINT NOT NULL,
    tally           TEXT   NOT NULL, -- JSON of counts
    checked         TEXT   NOT NULL, -- those of the dry run; '' if there was none since the settings changed
    undone          TEXT   NOT NULL, -- those of the undo
    undo_cursor     TEXT   NOT NULL,
    why             TEXT   NOT NULL, -- it failed: a word
    actor_type      TEXT   NOT NULL,
    actor_id        TEXT   NOT NULL,
    request_key     BLOB,            -- keyed hash of an Idempotency-Key
    digest          BLOB,            -- keyed hash of the file
    file_until      BIGINT,          -- when the file is destroyed; null once it is
    undo_until      BIGINT,          -- null where there is nothing to undo
    lease_owner     TEXT   NOT NULL,
    lease_until     BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    queued_at       BIGINT,
    started_at      BIGINT,
    ended_at        BIGINT,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX imports_request ON imports (workspace_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX imports_work ON imports (workspace_id, queued_at) WHERE queued_at IS NOT NULL;
CREATE INDEX imports_files ON imports (file_until) WHERE file_until IS NOT NULL;
CREATE INDEX imports_undo ON imports (undo_until) WHERE undo_until IS NOT NULL;

-- The file, in parts that are sealed with the import's own key.
CREATE TABLE import_parts (
    workspace_id TEXT   NOT NULL,
    import_id    TEXT   NOT NULL,
    part         BIGINT NOT NULL,
    data_sealed  BLOB   NOT NULL,
    PRIMARY KEY (workspace_id, import_id, part)
) WITHOUT ROWID;

-- What is wrong with a row: columns by number, and words that repeat nothing of it.
CREATE TABLE import_problems (
    workspace_id TEXT   NOT NULL,
    import_id    TEXT   NOT NULL,
    row_number   BIGINT NOT NULL,
    problems     TEXT   NOT NULL, -- JSON
    PRIMARY KEY (workspace_id, import_id, row_number)
) WITHOUT ROWID;

-- What an import changed in people who were there before, so that it can be undone.
CREATE TABLE import_updates (
    workspace_id  TEXT   NOT NULL,
    import_id     TEXT   NOT NULL,
    contact_id    TEXT   NOT NULL,
    former_sealed BLOB   NOT NULL, -- JSON, with the contact's key: what the fields said before, and what the import made of them
    PRIMARY KEY (workspace_id, import_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX import_updates_by_contact ON import_updates (workspace_id, contact_id);

-- Which import somebody came with.
ALTER TABLE contacts ADD COLUMN import_id TEXT;
CREATE INDEX contacts_by_import ON contacts (workspace_id, import_id, id) WHERE import_id IS NOT NULL;

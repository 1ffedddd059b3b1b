-- +goose Up

-- What somebody attached. The bytes are kept elsewhere under workspace_id/id, sealed with the file's own key.
CREATE TABLE files (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    scope_id     TEXT   NOT NULL, -- where it may be attached: a board
    root_id      TEXT   NOT NULL, -- with which it goes: a post; empty while it waits
    parent_id    TEXT   NOT NULL, -- what it is attached to: the post itself, or a comment under it
    position     BIGINT NOT NULL,
    contact_id   TEXT,            -- whose key seals it; NULL: the workspace's
    author_type  TEXT   NOT NULL, -- who uploaded it
    author_id    TEXT   NOT NULL,
    name_sealed  BLOB   NOT NULL,
    key_sealed   BLOB   NOT NULL, -- the key of its bytes
    type         TEXT   NOT NULL, -- by its content, out of a short list
    size         BIGINT NOT NULL,
    width        BIGINT NOT NULL, -- of a picture; else 0
    height       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    loose_since  BIGINT,          -- NULL: it is attached
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX files_by_parent ON files (workspace_id, root_id, parent_id, position);
CREATE INDEX files_by_contact ON files (workspace_id, contact_id);
CREATE INDEX files_by_author ON files (workspace_id, author_id, created_at);
CREATE INDEX files_loose ON files (loose_since) WHERE loose_since IS NOT NULL;

-- Bytes that are to go: rows of files that are gone.
CREATE TABLE file_removals (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    due_at       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX file_removals_by_due ON file_removals (due_at);

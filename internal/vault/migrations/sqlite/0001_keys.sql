-- +goose Up
-- Rows of subject_keys are appended, never deleted, and never change their size: a wrapped key always has 65 bytes
-- (zeros once it is erased) and a root key's id 8. So SQLite has no reason to move a row between pages, which is what
-- leaves copies behind that secure_delete does not reach. For the same reason it is not WITHOUT ROWID.
CREATE TABLE root_keys (
    root_key_id  TEXT    NOT NULL PRIMARY KEY,
    check_value  BLOB    NOT NULL,
    primary_slot INTEGER UNIQUE CHECK (primary_slot = 1),
    created_at   BIGINT  NOT NULL
);
CREATE TABLE subject_keys (
    workspace_id TEXT   NOT NULL,
    subject_id   TEXT   NOT NULL,
    wrapped_key  BLOB   NOT NULL CHECK (length(wrapped_key) = 65),
    root_key_id  TEXT   NOT NULL REFERENCES root_keys (root_key_id) CHECK (length(root_key_id) = 8),
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, subject_id)
);
CREATE TABLE erased_subjects (
    workspace_id TEXT   NOT NULL,
    subject_id   TEXT   NOT NULL,
    erased_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, subject_id)
);
CREATE TABLE instance_secrets (
    name        TEXT   NOT NULL PRIMARY KEY,
    wrapped     BLOB   NOT NULL CHECK (length(wrapped) = 65),
    root_key_id TEXT   NOT NULL REFERENCES root_keys (root_key_id),
    created_at  BIGINT NOT NULL
);

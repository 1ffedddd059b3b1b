-- +goose Up
CREATE TABLE root_keys (
    root_key_id  TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
    check_value  BYTEA   NOT NULL,
    primary_slot INTEGER UNIQUE CHECK (primary_slot = 1),
    created_at   BIGINT  NOT NULL
);
CREATE TABLE subject_keys (
    workspace_id TEXT   COLLATE "C" NOT NULL,
    subject_id   TEXT   COLLATE "C" NOT NULL,
    wrapped_key  BYTEA  NOT NULL CHECK (length(wrapped_key) = 65),
    root_key_id  TEXT   COLLATE "C" NOT NULL REFERENCES root_keys (root_key_id) CHECK (length(root_key_id) = 8),
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, subject_id)
);
CREATE TABLE erased_subjects (
    workspace_id TEXT   COLLATE "C" NOT NULL,
    subject_id   TEXT   COLLATE "C" NOT NULL,
    erased_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, subject_id)
);
CREATE TABLE instance_secrets (
    name        TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    wrapped     BYTEA  NOT NULL CHECK (length(wrapped) = 65),
    root_key_id TEXT   COLLATE "C" NOT NULL REFERENCES root_keys (root_key_id),
    created_at  BIGINT NOT NULL
);

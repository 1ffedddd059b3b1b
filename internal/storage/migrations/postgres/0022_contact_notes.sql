-- +goose Up

-- What operators write down about a person, for each other. Every word is sealed with the person's key.
CREATE TABLE contact_notes (
    workspace_id   TEXT   NOT NULL COLLATE "C",
    contact_id     TEXT   NOT NULL COLLATE "C", -- whose key seals it
    id             TEXT   NOT NULL COLLATE "C",
    body_sealed    BYTEA  NOT NULL, -- JSON: the text, and which sensitive kinds were masked or flagged in it
    actor_type     TEXT   NOT NULL COLLATE "C",
    actor_id       TEXT   NOT NULL COLLATE "C",
    edited_by_type TEXT COLLATE "C",            -- who changed it last; null: nobody did
    edited_by_id   TEXT COLLATE "C",
    edited_at      BIGINT,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
);
CREATE UNIQUE INDEX contact_notes_by_id ON contact_notes (workspace_id, id);
CREATE INDEX contact_notes_by_time ON contact_notes (workspace_id, contact_id, created_at, id);
CREATE INDEX contact_notes_oldest ON contact_notes (workspace_id, updated_at);

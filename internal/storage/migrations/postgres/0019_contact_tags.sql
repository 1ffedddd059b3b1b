-- +goose Up

-- Words that a workspace sorts its people by: its own words, nothing of the person's.
CREATE TABLE contact_tags (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    tag          TEXT   NOT NULL COLLATE "C", -- in lower case
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, tag)
);
CREATE INDEX contact_tags_by_tag ON contact_tags (workspace_id, tag, contact_id);

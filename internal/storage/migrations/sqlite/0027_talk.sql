-- +goose Up

-- The workspace's own words for posts; nothing of anybody's.
CREATE TABLE post_tags (
    workspace_id TEXT   NOT NULL,
    post_id      TEXT   NOT NULL,
    tag          TEXT   NOT NULL, -- in lower case
    board_id     TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, post_id, tag)
) WITHOUT ROWID;
CREATE INDEX post_tags_by_tag ON post_tags (workspace_id, board_id, tag, post_id);

-- What was changed of a post. Former words are sealed with the key of whose words they were.
CREATE TABLE post_changes (
    workspace_id TEXT   NOT NULL,
    post_id      TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    contact_id   TEXT,            -- whose key seals the words; null: the workspace's
    actor_type   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    fields       TEXT   NOT NULL, -- JSON: what fields were and became, by name; nothing of words
    words_sealed BLOB,            -- JSON: the former title and body; null where they stayed, or their person was erased
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, post_id, id)
) WITHOUT ROWID;
CREATE INDEX post_changes_by_contact ON post_changes (workspace_id, contact_id) WHERE contact_id IS NOT NULL;

ALTER TABLE posts ADD COLUMN place DOUBLE PRECISION NOT NULL DEFAULT 0; -- within its status; the highest stands on top
UPDATE posts SET place = created_at;
CREATE INDEX posts_by_place ON posts (workspace_id, board_id, status, place, id, state) WHERE merged_into IS NULL;
CREATE INDEX posts_by_owner ON posts (workspace_id, board_id, owner_id, id) WHERE merged_into IS NULL AND owner_id IS NOT NULL;

-- +goose Up

-- What was taken over from another board. The file itself is never stored.
CREATE TABLE board_imports (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    board_id     TEXT   NOT NULL COLLATE "C",
    state        TEXT   NOT NULL COLLATE "C", -- running, done, failed, undoing, undone
    report       TEXT   NOT NULL COLLATE "C", -- JSON: counts, and rows that were left out, by number
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    undo_until   BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL, -- while it runs, when it last came on
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX board_imports_by_board ON board_imports (workspace_id, board_id, id);

-- What came by an import, and as what it was known where it came from (a keyed token).
ALTER TABLE posts ADD COLUMN import_id TEXT COLLATE "C";
ALTER TABLE posts ADD COLUMN import_source BYTEA;
CREATE UNIQUE INDEX posts_by_source ON posts (workspace_id, board_id, import_source) WHERE import_source IS NOT NULL;
CREATE INDEX posts_by_import ON posts (workspace_id, import_id, id) WHERE import_id IS NOT NULL;
ALTER TABLE post_comments ADD COLUMN import_id TEXT COLLATE "C";
ALTER TABLE post_votes ADD COLUMN import_id TEXT COLLATE "C";

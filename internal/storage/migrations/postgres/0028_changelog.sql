-- +goose Up

-- What the customer tells everybody is new. Their words are the customer's own.
CREATE TABLE changelog_entries (
    workspace_id TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    board_id     TEXT   NOT NULL COLLATE "C",
    title        TEXT   NOT NULL COLLATE "C",
    body         TEXT   NOT NULL COLLATE "C",
    publish_at   BIGINT,          -- null: a draft; not come yet: scheduled
    announced_at BIGINT,          -- when its posts were closed and who follows them was told
    author_type  TEXT   NOT NULL COLLATE "C",
    author_id    TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX changelog_entries_published ON changelog_entries (workspace_id, board_id, publish_at, id) WHERE publish_at IS NOT NULL;
CREATE INDEX changelog_entries_due ON changelog_entries (publish_at) WHERE announced_at IS NULL AND publish_at IS NOT NULL;

CREATE TABLE changelog_categories (
    workspace_id TEXT   NOT NULL COLLATE "C",
    entry_id     TEXT   NOT NULL COLLATE "C",
    category     TEXT   NOT NULL COLLATE "C", -- a word of the workspace: new, fixed
    position     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, entry_id, category)
);

-- The posts that an entry says are done.
CREATE TABLE changelog_posts (
    workspace_id TEXT   NOT NULL COLLATE "C",
    entry_id     TEXT   NOT NULL COLLATE "C",
    post_id      TEXT   NOT NULL COLLATE "C",
    position     BIGINT NOT NULL,
    closed_at    BIGINT,          -- when the post was moved to a status of the kind done
    PRIMARY KEY (workspace_id, entry_id, post_id)
);
CREATE INDEX changelog_posts_by_post ON changelog_posts (workspace_id, post_id);

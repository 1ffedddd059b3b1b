-- +goose Up

-- What a board's posts are sorted by, once it says so. A post holds the name.
CREATE TABLE board_categories (
    workspace_id TEXT   NOT NULL,
    board_id     TEXT   NOT NULL,
    key          TEXT   NOT NULL, -- stays when the name changes
    name         TEXT   NOT NULL,
    color        TEXT   NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, board_id, key)
) WITHOUT ROWID;
CREATE INDEX posts_by_category ON posts (workspace_id, board_id, category) WHERE category <> '';

-- What waits for an operator, oldest first.
CREATE INDEX posts_pending ON posts (workspace_id, created_at, id) WHERE state = 'pending';
CREATE INDEX post_comments_pending ON post_comments (workspace_id, created_at, id) WHERE state = 'pending';

-- That something was not let through, and why: for its author to read, for a while.
CREATE TABLE board_refusals (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    board_id     TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL, -- whose words they were, and whose key seals the reason
    kind         TEXT   NOT NULL, -- post, comment
    reason_sealed BLOB,           -- null: none was given
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE INDEX board_refusals_by_contact ON board_refusals (workspace_id, contact_id, board_id, id);
CREATE INDEX board_refusals_by_age ON board_refusals (created_at);

-- What people show below comments: each sort once a person.
CREATE TABLE comment_reactions (
    workspace_id TEXT   NOT NULL,
    comment_id   TEXT   NOT NULL,
    reaction     TEXT   NOT NULL,
    person_type  TEXT   NOT NULL, -- contact, operator
    person_id    TEXT   NOT NULL,
    post_id      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, comment_id, reaction, person_type, person_id)
) WITHOUT ROWID;
CREATE INDEX comment_reactions_by_person ON comment_reactions (workspace_id, person_id, post_id);
CREATE INDEX comment_reactions_by_post ON comment_reactions (workspace_id, post_id);

-- Whom the team names in its comments and notes. The text holds the id alone.
CREATE TABLE comment_mentions (
    workspace_id TEXT NOT NULL,
    comment_id   TEXT NOT NULL,
    person_type  TEXT NOT NULL, -- contact, operator
    person_id    TEXT NOT NULL,
    post_id      TEXT NOT NULL,
    PRIMARY KEY (workspace_id, comment_id, person_type, person_id)
) WITHOUT ROWID;
CREATE INDEX comment_mentions_by_person ON comment_mentions (workspace_id, person_id);
CREATE INDEX comment_mentions_by_post ON comment_mentions (workspace_id, post_id);

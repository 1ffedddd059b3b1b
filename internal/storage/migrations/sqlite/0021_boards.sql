-- +goose Up

-- Boards, where people say what they wish for and vote on it. Their words are the customer's own.
CREATE TABLE boards (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    slug         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    intro        TEXT   NOT NULL,
    color        TEXT   NOT NULL,
    visibility   TEXT   NOT NULL, -- public, contacts, private
    on_erasure   TEXT   NOT NULL, -- anonymise, remove: what becomes of an erased person's contributions
    approval     BIGINT NOT NULL, -- 1: what people write is shown once an operator approved it
    post_count   BIGINT NOT NULL, -- numbers given to posts so far
    archived_at  BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX boards_by_slug ON boards (workspace_id, slug);

-- What a board's posts can be at, in the order of the roadmap.
CREATE TABLE board_statuses (
    workspace_id TEXT   NOT NULL,
    board_id     TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    color        TEXT   NOT NULL,
    kind         TEXT   NOT NULL, -- open, planned, started, done, declined
    position     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, board_id, key)
) WITHOUT ROWID;

-- Posts. What a contact wrote is sealed with that contact's key, all else with the workspace's.
CREATE TABLE posts (
    workspace_id    TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    board_id        TEXT   NOT NULL,
    number          BIGINT NOT NULL, -- within its board
    contact_id      TEXT,            -- who wished it; null: operators, or somebody who was erased
    author_type     TEXT   NOT NULL, -- contact, operator, api_key, anonymous
    author_id       TEXT   NOT NULL, -- who wrote it down
    title_sealed    BLOB  NOT NULL,
    body_sealed     BLOB  NOT NULL,
    status          TEXT   NOT NULL,
    state           TEXT   NOT NULL, -- published, pending
    category        TEXT   NOT NULL,
    owner_id        TEXT,
    estimated_on    TEXT,            -- a day: 2026-12-31
    votes           BIGINT NOT NULL, -- rows of post_votes and anonymous_votes together
    anonymous_votes BIGINT NOT NULL, -- of people who were erased since
    comments        BIGINT NOT NULL, -- that the public may read
    trend           DOUBLE PRECISION NOT NULL, -- see docs/boards.md
    merged_into     TEXT,
    merged_at       BIGINT,
    edited_at       BIGINT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX posts_by_number ON posts (workspace_id, board_id, number);
CREATE INDEX posts_by_age ON posts (workspace_id, board_id, id) WHERE merged_into IS NULL;
CREATE INDEX posts_by_votes ON posts (workspace_id, board_id, votes, id) WHERE merged_into IS NULL;
CREATE INDEX posts_by_trend ON posts (workspace_id, board_id, trend, id) WHERE merged_into IS NULL;
CREATE INDEX posts_by_contact ON posts (workspace_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX posts_merged ON posts (workspace_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE post_votes (
    workspace_id TEXT   NOT NULL,
    post_id      TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    importance   TEXT   NOT NULL, -- '', nice, important, essential
    behalf_type  TEXT,            -- who voted on the contact's behalf; null: they themselves
    behalf_id    TEXT,
    from_post_id TEXT,            -- the merged post that it came from
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, post_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX post_votes_by_contact ON post_votes (workspace_id, contact_id, post_id);
CREATE INDEX post_votes_moved ON post_votes (workspace_id, post_id, from_post_id) WHERE from_post_id IS NOT NULL;

CREATE TABLE post_comments (
    workspace_id TEXT   NOT NULL,
    post_id      TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    parent_id    TEXT,
    contact_id   TEXT,            -- whose words they are, and whose key seals them; null: the workspace's
    author_type  TEXT   NOT NULL,
    author_id    TEXT   NOT NULL,
    body_sealed  BLOB,           -- null once removed; what was answered keeps its place
    internal     BIGINT NOT NULL, -- 1: operators alone see it
    official     BIGINT NOT NULL, -- 1: the answer that stands on top
    state        TEXT   NOT NULL, -- published, pending
    edited_at    BIGINT,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, post_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX post_comments_by_id ON post_comments (workspace_id, id);
CREATE INDEX post_comments_by_contact ON post_comments (workspace_id, contact_id) WHERE contact_id IS NOT NULL;

-- +goose Up

-- What a board does against spam. A board without a row does the usual.
CREATE TABLE board_moderation (
    workspace_id TEXT   NOT NULL COLLATE "C",
    board_id     TEXT   NOT NULL COLLATE "C",
    words        TEXT   NOT NULL COLLATE "C", -- JSON: the words and phrases that are looked for
    on_words     TEXT   NOT NULL COLLATE "C", -- hold, refuse
    max_links    BIGINT NOT NULL, -- what has more waits for approval
    first_waits  BIGINT NOT NULL, -- 1: until something of theirs was published, what a person writes waits
    challenge    TEXT   NOT NULL COLLATE "C", -- nobody, newcomers, everybody: whose browser does some work first
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, board_id)
);

-- Challenges that were used, until they would have run out anyway. Nothing in them tells whose.
CREATE TABLE spent_challenges (
    workspace_id TEXT   NOT NULL COLLATE "C",
    nonce        BYTEA NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, nonce)
);
CREATE INDEX spent_challenges_by_end ON spent_challenges (expires_at);

-- Why something waits for an operator: approval, words, links, first, challenge; empty: it does not.
ALTER TABLE posts ADD COLUMN held_for TEXT NOT NULL COLLATE "C" DEFAULT '';
ALTER TABLE post_comments ADD COLUMN held_for TEXT NOT NULL COLLATE "C" DEFAULT '';

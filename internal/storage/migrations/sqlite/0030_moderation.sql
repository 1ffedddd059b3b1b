-- +goose Up

-- What a board does against spam. A board without a row does the usual.
CREATE TABLE board_moderation (
    workspace_id TEXT   NOT NULL,
    board_id     TEXT   NOT NULL,
    words        TEXT   NOT NULL, -- JSON: the words and phrases that are looked for
    on_words     TEXT   NOT NULL, -- hold, refuse
    max_links    BIGINT NOT NULL, -- what has more waits for approval
    first_waits  BIGINT NOT NULL, -- 1: until something of theirs was published, what a person writes waits
    challenge    TEXT   NOT NULL, -- nobody, newcomers, everybody: whose browser does some work first
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, board_id)
) WITHOUT ROWID;

-- Challenges that were used, until they would have run out anyway. Nothing in them tells whose.
CREATE TABLE spent_challenges (
    workspace_id TEXT   NOT NULL,
    nonce        BLOB NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, nonce)
) WITHOUT ROWID;
CREATE INDEX spent_challenges_by_end ON spent_challenges (expires_at);

-- Why something waits for an operator: approval, words, links, first, challenge; empty: it does not.
ALTER TABLE posts ADD COLUMN held_for TEXT NOT NULL DEFAULT '';
ALTER TABLE post_comments ADD COLUMN held_for TEXT NOT NULL DEFAULT '';

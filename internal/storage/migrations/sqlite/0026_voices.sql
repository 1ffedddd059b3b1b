-- +goose Up

-- Links by which people sign in to boards: sent to an address, opened once.
CREATE TABLE board_links (
    workspace_id   TEXT   NOT NULL,
    token_hash     BLOB   NOT NULL, -- SHA-256 of the token
    contact_id     TEXT   NOT NULL, -- promised; nobody before the first thing that they do
    board_id       TEXT   NOT NULL,
    email_token    BLOB   NOT NULL, -- of the address, to bound how many are sent to it
    browser_hash   BLOB   NOT NULL, -- of the cookie of the browser that asked
    content_sealed BLOB   NOT NULL, -- JSON: address, language, where to go on, and what was ticked
    expires_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, token_hash)
) WITHOUT ROWID;
CREATE INDEX board_links_by_address ON board_links (workspace_id, email_token, expires_at);
CREATE INDEX board_links_by_contact ON board_links (workspace_id, contact_id);
CREATE INDEX board_links_by_end ON board_links (expires_at);

-- Sign-ins of people to a workspace's boards.
CREATE TABLE board_sessions (
    workspace_id   TEXT   NOT NULL,
    token_hash     BLOB   NOT NULL, -- SHA-256 of the cookie
    id             TEXT   NOT NULL,
    contact_id     TEXT   NOT NULL, -- promised while content_sealed is there
    content_sealed BLOB,            -- JSON: what the contact will be made of
    proof          TEXT   NOT NULL, -- mail, identity
    age            TEXT   NOT NULL, -- '', of_age, child: what the age gate found
    locale         TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, token_hash)
) WITHOUT ROWID;
CREATE UNIQUE INDEX board_sessions_by_id ON board_sessions (workspace_id, id);
CREATE INDEX board_sessions_by_contact ON board_sessions (workspace_id, contact_id);
CREATE INDEX board_sessions_by_end ON board_sessions (expires_at);

-- Identity tokens that signed somebody in: each does so once.
CREATE TABLE board_tokens (
    workspace_id TEXT   NOT NULL,
    token_hash   BLOB   NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, token_hash)
) WITHOUT ROWID;
CREATE INDEX board_tokens_by_end ON board_tokens (expires_at);

-- What somebody decided about their boards.
CREATE TABLE board_people (
    workspace_id TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    follow       BIGINT NOT NULL, -- 1: told of everything that they vote for or write under
    PRIMARY KEY (workspace_id, contact_id)
) WITHOUT ROWID;

-- Votes of people who did not sign in. Neither column leads to anybody without the workspace's key.
CREATE TABLE anonymous_ballots (
    workspace_id  TEXT   NOT NULL,
    post_id       TEXT   NOT NULL,
    voter_token   BLOB   NOT NULL, -- of a random cookie
    network_token BLOB,            -- of the day and a network that a street shares; null after two days
    from_post_id  TEXT,            -- the merged post that it came from
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, post_id, voter_token)
) WITHOUT ROWID;
CREATE INDEX anonymous_ballots_by_voter ON anonymous_ballots (workspace_id, voter_token);
CREATE INDEX anonymous_ballots_by_network ON anonymous_ballots (workspace_id, network_token) WHERE network_token IS NOT NULL;
CREATE INDEX anonymous_ballots_fresh ON anonymous_ballots (created_at) WHERE network_token IS NOT NULL;
CREATE INDEX anonymous_ballots_moved ON anonymous_ballots (workspace_id, post_id, from_post_id) WHERE from_post_id IS NOT NULL;

-- Who is told by mail when a post moves.
CREATE TABLE post_subscriptions (
    workspace_id TEXT   NOT NULL,
    post_id      TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    token_hash   BLOB   NOT NULL, -- SHA-256 of what ends it with one click (RFC 8058)
    from_post_id TEXT,            -- the merged post that it came from
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, post_id, contact_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX post_subscriptions_by_token ON post_subscriptions (workspace_id, token_hash);
CREATE INDEX post_subscriptions_by_contact ON post_subscriptions (workspace_id, contact_id, post_id);
CREATE INDEX post_subscriptions_moved ON post_subscriptions (workspace_id, post_id, from_post_id) WHERE from_post_id IS NOT NULL;

-- What followers are to be told: a row a happening, worked off follower by follower.
CREATE TABLE post_notices (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    post_id      TEXT   NOT NULL,
    kind         TEXT   NOT NULL, -- status, answer, merged, shipped
    ref          TEXT   NOT NULL, -- the status, comment, post or changelog entry
    title        TEXT   NOT NULL, -- of a changelog entry: the customer's own words
    path         TEXT   NOT NULL, -- of a changelog entry, below the board
    after        TEXT   NOT NULL, -- the follower who was told last
    due_at       BIGINT NOT NULL, -- when it is worked on; while it is: when the lease ends
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE INDEX post_notices_due ON post_notices (due_at);
CREATE INDEX post_notices_by_post ON post_notices (workspace_id, post_id);

-- Purposes that are for marketing: boards offer them apart.
ALTER TABLE purposes ADD COLUMN marketing BIGINT NOT NULL DEFAULT 0;
UPDATE purposes SET marketing = 1 WHERE key = 'marketing';

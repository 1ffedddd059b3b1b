-- +goose Up

-- What a board's public pages are like, and who may read and write there.
ALTER TABLE boards ADD COLUMN segment_id TEXT COLLATE "C"; -- visibility segment: of whom
ALTER TABLE boards ADD COLUMN language TEXT NOT NULL COLLATE "C" DEFAULT ''; -- of the pages; '': the reader's
ALTER TABLE boards ADD COLUMN css TEXT NOT NULL COLLATE "C" DEFAULT ''; -- as the customer wrote it; checked whenever it is served
ALTER TABLE boards ADD COLUMN logo TEXT NOT NULL COLLATE "C" DEFAULT ''; -- names the picture in board_logos; '': none
ALTER TABLE boards ADD COLUMN domain TEXT COLLATE "C"; -- the pages' own host
ALTER TABLE boards ADD COLUMN indexable BIGINT NOT NULL DEFAULT 0; -- 1: search engines may list it
ALTER TABLE boards ADD COLUMN anonymous_votes BIGINT NOT NULL DEFAULT 0; -- 1: people may vote who did not sign in
ALTER TABLE boards ADD COLUMN posting TEXT NOT NULL COLLATE "C" DEFAULT 'contacts'; -- who may post: contacts, operators
ALTER TABLE boards ADD COLUMN weight TEXT NOT NULL COLLATE "C" DEFAULT ''; -- what a vote weighs: '', attribute:<key>, segments
CREATE UNIQUE INDEX boards_by_domain ON boards (domain) WHERE domain IS NOT NULL;
CREATE INDEX boards_by_segment ON boards (workspace_id, segment_id) WHERE segment_id IS NOT NULL;

-- Boards' pictures, beside them: whoever reads a board seldom needs its picture.
CREATE TABLE board_logos (
    workspace_id TEXT NOT NULL COLLATE "C",
    board_id     TEXT NOT NULL COLLATE "C",
    type         TEXT NOT NULL COLLATE "C", -- image/png, image/jpeg, image/webp
    picture      BYTEA NOT NULL, -- drawn anew, without what else the file carried
    PRIMARY KEY (workspace_id, board_id)
);

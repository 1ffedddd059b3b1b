-- +goose Up

-- What votes weigh: of weight '' each as much as another, of attribute:<key> and segments by who voted. Weights are in
-- thousandths.
ALTER TABLE boards ADD COLUMN weight_default BIGINT NOT NULL DEFAULT 1000; -- of somebody in none of the segments
ALTER TABLE boards ADD COLUMN weight_importance BIGINT NOT NULL DEFAULT 0; -- 1: times how much it matters to the voter

CREATE TABLE board_weights (
    workspace_id TEXT   NOT NULL,
    board_id     TEXT   NOT NULL,
    segment_id   TEXT   NOT NULL,
    weight       BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, board_id, segment_id)
) WITHOUT ROWID;
CREATE INDEX board_weights_by_segment ON board_weights (workspace_id, segment_id);

-- How far the votes of a board are weighed by its rule. A board whose votes all weigh the same has no row.
CREATE TABLE board_weighings (
    workspace_id TEXT   NOT NULL,
    board_id     TEXT   NOT NULL,
    rule         BIGINT NOT NULL, -- grows with each change of the board's rule
    weighed      BIGINT NOT NULL, -- the rule by which all posts were weighed
    number       BIGINT NOT NULL, -- of the post that the walk over all of them came to
    sequence     BIGINT NOT NULL, -- of the event up to which is known whose weight may have changed
    problem      TEXT   NOT NULL, -- '', attribute, segment: what of the rule cannot be used
    walk_at      BIGINT NOT NULL, -- when all posts are walked again
    due_at       BIGINT NOT NULL, -- when it is worked on; while it is: when the lease ends
    PRIMARY KEY (workspace_id, board_id)
) WITHOUT ROWID;
CREATE INDEX board_weighings_due ON board_weighings (due_at);

-- What a voter weighs, and a post's votes together; null where all weigh the same.
ALTER TABLE post_votes ADD COLUMN weight BIGINT;
ALTER TABLE posts ADD COLUMN weight BIGINT;
CREATE INDEX posts_by_weight ON posts (workspace_id, board_id, weight, id) WHERE merged_into IS NULL AND weight IS NOT NULL;

-- Who said how much a post matters to them.
CREATE INDEX post_votes_by_importance ON post_votes (workspace_id, post_id, importance, contact_id) WHERE importance <> '';

-- What happened on which day (UTC, since 1970).
CREATE INDEX post_votes_by_day ON post_votes (workspace_id, (created_at / 86400000000), post_id);
CREATE INDEX anonymous_ballots_by_day ON anonymous_ballots (workspace_id, (created_at / 86400000000), post_id);
CREATE INDEX post_comments_by_day ON post_comments (workspace_id, (created_at / 86400000000), post_id);

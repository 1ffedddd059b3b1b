-- +goose Up

-- What parents are asked for, and consented to, for a child (GDPR article 8). One that is refused, not answered or
-- withdrawn is deleted with everything about the child.
CREATE TABLE parental_consents (
    workspace_id  TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    contact_id    TEXT   NOT NULL,
    token_hash    BLOB   NOT NULL UNIQUE, -- SHA-256 of the link's token
    parent_token  BLOB   NOT NULL,        -- keyed token of the parent's address, to bound how often they are written to
    parent_sealed BLOB   NOT NULL,        -- the parent's address, with the child's key
    state         TEXT   NOT NULL,        -- asked, given
    country       TEXT   NOT NULL,
    age_limit     BIGINT NOT NULL,
    wording       TEXT   NOT NULL,        -- exactly what the parent is shown
    wording_hash  TEXT   NOT NULL,
    locale        TEXT   NOT NULL,
    asked_at      BIGINT NOT NULL,
    decided_at    BIGINT,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX parental_consents_by_parent ON parental_consents (workspace_id, parent_token, asked_at);
CREATE INDEX parental_consents_unanswered ON parental_consents (expires_at) WHERE state = 'asked';
CREATE INDEX parental_consents_by_id ON parental_consents (workspace_id, id);

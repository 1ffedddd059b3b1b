-- +goose Up

-- Impact assessments (GDPR article 35): what a risky feature does to people, and what was done about that.
CREATE TABLE assessments (
    workspace_id     TEXT   NOT NULL COLLATE "C",
    id               TEXT   NOT NULL COLLATE "C",
    feature          TEXT   NOT NULL COLLATE "C", -- enrichment
    state            TEXT   NOT NULL COLLATE "C", -- draft, approved
    description      TEXT   NOT NULL COLLATE "C",
    necessity        TEXT   NOT NULL COLLATE "C",
    risks            TEXT   NOT NULL COLLATE "C",
    measures         TEXT   NOT NULL COLLATE "C",
    residual_risk    TEXT   NOT NULL COLLATE "C", -- low, medium, high
    dpo_consulted    BIGINT NOT NULL,
    dpo_opinion      TEXT   NOT NULL COLLATE "C",
    approved_by_type TEXT COLLATE "C",
    approved_by_id   TEXT COLLATE "C",
    approved_at      BIGINT,
    review_at        BIGINT,          -- until when it holds
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX assessments_in_force ON assessments (workspace_id, feature, review_at) WHERE state = 'approved';

-- Whether and how a workspace looks people up.
CREATE TABLE enrich_settings (
    workspace_id TEXT   NOT NULL COLLATE "C",
    enabled      BIGINT NOT NULL,
    automatic    BIGINT NOT NULL, -- on a new verified address
    purpose      TEXT   NOT NULL COLLATE "C", -- the key of a purpose; '' where none was chosen
    keep_days    BIGINT,          -- what was found is forgotten then; null: until somebody forgets it
    refresh_days BIGINT,          -- what was found is looked up anew then; null: never
    reached      BIGINT NOT NULL, -- the last event that automatic lookups have seen
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id)
);

-- Where people are looked up.
CREATE TABLE enrich_providers (
    workspace_id   TEXT   NOT NULL COLLATE "C",
    id             TEXT   NOT NULL COLLATE "C",
    kind           TEXT   NOT NULL COLLATE "C", -- gravatar, libravatar, website, http
    preset         TEXT   NOT NULL COLLATE "C", -- which ready definition it came from, or ''
    name           TEXT   NOT NULL COLLATE "C",
    state          TEXT   NOT NULL COLLATE "C", -- on, off
    definition     TEXT   NOT NULL COLLATE "C", -- JSON, without secrets
    secrets_sealed BYTEA,            -- JSON of header values, with the workspace's key
    per_minute     BIGINT NOT NULL,
    per_day        BIGINT NOT NULL,
    minute_at      BIGINT NOT NULL, -- the minute that is being counted
    minute_used    BIGINT NOT NULL,
    day_at         BIGINT NOT NULL, -- the day that is being counted
    day_used       BIGINT NOT NULL,
    blocked_until  BIGINT NOT NULL, -- it asked to be left alone, or refused our key
    last_error     TEXT COLLATE "C",          -- a word
    last_error_at  BIGINT,
    last_answer_at BIGINT,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- One person at one provider: whether they are to be asked about, and what came of it. What was found is in the profile.
CREATE TABLE enrich_lookups (
    workspace_id  TEXT   NOT NULL COLLATE "C",
    contact_id    TEXT   NOT NULL COLLATE "C",
    provider_id   TEXT   NOT NULL COLLATE "C",
    state         TEXT   NOT NULL COLLATE "C", -- waiting, done
    reason        TEXT   NOT NULL COLLATE "C", -- asked, automatic, refresh
    asked_by_type TEXT   NOT NULL COLLATE "C",
    asked_by_id   TEXT   NOT NULL COLLATE "C",
    attempts      BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    lease_owner   TEXT   NOT NULL COLLATE "C",
    lease_until   BIGINT NOT NULL,
    outcome       TEXT COLLATE "C",          -- found, unknown, or why not: a word
    asked_at      BIGINT NOT NULL,
    finished_at   BIGINT,
    found_at      BIGINT,          -- since when the profile has something of this provider
    forget        BIGINT NOT NULL, -- 1: what was found is to be taken out
    PRIMARY KEY (workspace_id, contact_id, provider_id)
);
CREATE INDEX enrich_lookups_due ON enrich_lookups (next_at) WHERE state = 'waiting';
CREATE INDEX enrich_lookups_found ON enrich_lookups (workspace_id, found_at) WHERE found_at IS NOT NULL;
CREATE INDEX enrich_lookups_forget ON enrich_lookups (workspace_id, contact_id) WHERE forget = 1;
CREATE INDEX enrich_lookups_by_provider ON enrich_lookups (workspace_id, provider_id);

-- Which hosts were told what sort of data about a person (GDPR article 15 (1) (c)), for as long as the person is there.
CREATE TABLE enrich_recipients (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    host         TEXT   NOT NULL COLLATE "C",
    kinds        TEXT   NOT NULL COLLATE "C", -- words apart by spaces
    told         BIGINT NOT NULL, -- how often
    first_at     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, host, kinds)
);

-- Fields that somebody took out of a profile by hand: they are not filled in again.
CREATE TABLE enrich_refused (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    field        TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, field)
);

-- Pictures that were found: fetched once, drawn anew, sealed.
CREATE TABLE enrich_avatars (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    provider_id  TEXT   NOT NULL COLLATE "C",
    version      TEXT   NOT NULL COLLATE "C", -- in the address, so that a new picture has a new one
    image_sealed BYTEA   NOT NULL,
    fetched_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id)
);

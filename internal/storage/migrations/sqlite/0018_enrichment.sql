-- +goose Up

-- Impact assessments (GDPR article 35): what a risky feature does to people, and what was done about that.
CREATE TABLE assessments (
    workspace_id     TEXT   NOT NULL,
    id               TEXT   NOT NULL,
    feature          TEXT   NOT NULL, -- enrichment
    state            TEXT   NOT NULL, -- draft, approved
    description      TEXT   NOT NULL,
    necessity        TEXT   NOT NULL,
    risks            TEXT   NOT NULL,
    measures         TEXT   NOT NULL,
    residual_risk    TEXT   NOT NULL, -- low, medium, high
    dpo_consulted    BIGINT NOT NULL,
    dpo_opinion      TEXT   NOT NULL,
    approved_by_type TEXT,
    approved_by_id   TEXT,
    approved_at      BIGINT,
    review_at        BIGINT,          -- until when it holds
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;
CREATE INDEX assessments_in_force ON assessments (workspace_id, feature, review_at) WHERE state = 'approved';

-- Whether and how a workspace looks people up.
CREATE TABLE enrich_settings (
    workspace_id TEXT   NOT NULL,
    enabled      BIGINT NOT NULL,
    automatic    BIGINT NOT NULL, -- on a new verified address
    purpose      TEXT   NOT NULL, -- the key of a purpose; '' where none was chosen
    keep_days    BIGINT,          -- what was found is forgotten then; null: until somebody forgets it
    refresh_days BIGINT,          -- what was found is looked up anew then; null: never
    reached      BIGINT NOT NULL, -- the last event that automatic lookups have seen
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id)
) WITHOUT ROWID;

-- Where people are looked up.
CREATE TABLE enrich_providers (
    workspace_id   TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    kind           TEXT   NOT NULL, -- gravatar, libravatar, website, http
    preset         TEXT   NOT NULL, -- which ready definition it came from, or ''
    name           TEXT   NOT NULL,
    state          TEXT   NOT NULL, -- on, off
    definition     TEXT   NOT NULL, -- JSON, without secrets
    secrets_sealed BLOB,            -- JSON of header values, with the workspace's key
    per_minute     BIGINT NOT NULL,
    per_day        BIGINT NOT NULL,
    minute_at      BIGINT NOT NULL, -- the minute that is being counted
    minute_used    BIGINT NOT NULL,
    day_at         BIGINT NOT NULL, -- the day that is being counted
    day_used       BIGINT NOT NULL,
    blocked_until  BIGINT NOT NULL, -- it asked to be left alone, or refused our key
    last_error     TEXT,            -- a word
    last_error_at  BIGINT,
    last_answer_at BIGINT,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

-- One person at one provider: whether they are to be asked about, and what came of it. What was found is in the profile.
CREATE TABLE enrich_lookups (
    workspace_id  TEXT   NOT NULL,
    contact_id    TEXT   NOT NULL,
    provider_id   TEXT   NOT NULL,
    state         TEXT   NOT NULL, -- waiting, done
    reason        TEXT   NOT NULL, -- asked, automatic, refresh
    asked_by_type TEXT   NOT NULL,
    asked_by_id   TEXT   NOT NULL,
    attempts      BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    lease_owner   TEXT   NOT NULL,
    lease_until   BIGINT NOT NULL,
    outcome       TEXT,            -- found, unknown, or why not: a word
    asked_at      BIGINT NOT NULL,
    finished_at   BIGINT,
    found_at      BIGINT,          -- since when the profile has something of this provider
    forget        BIGINT NOT NULL, -- 1: what was found is to be taken out
    PRIMARY KEY (workspace_id, contact_id, provider_id)
) WITHOUT ROWID;
CREATE INDEX enrich_lookups_due ON enrich_lookups (next_at) WHERE state = 'waiting';
CREATE INDEX enrich_lookups_found ON enrich_lookups (workspace_id, found_at) WHERE found_at IS NOT NULL;
CREATE INDEX enrich_lookups_forget ON enrich_lookups (workspace_id, contact_id) WHERE forget = 1;
CREATE INDEX enrich_lookups_by_provider ON enrich_lookups (workspace_id, provider_id);

-- Which hosts were told what sort of data about a person (GDPR article 15 (1) (c)), for as long as the person is there.
CREATE TABLE enrich_recipients (
    workspace_id TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    host         TEXT   NOT NULL,
    kinds        TEXT   NOT NULL, -- words apart by spaces
    told         BIGINT NOT NULL, -- how often
    first_at     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, host, kinds)
) WITHOUT ROWID;

-- Fields that somebody took out of a profile by hand: they are not filled in again.
CREATE TABLE enrich_refused (
    workspace_id TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    field        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, field)
) WITHOUT ROWID;

-- Pictures that were found: fetched once, drawn anew, sealed.
CREATE TABLE enrich_avatars (
    workspace_id TEXT   NOT NULL,
    contact_id   TEXT   NOT NULL,
    provider_id  TEXT   NOT NULL,
    version      TEXT   NOT NULL, -- in the address, so that a new picture has a new one
    image_sealed BLOB   NOT NULL,
    fetched_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id)
) WITHOUT ROWID;

-- +goose Up

-- A merge joins contacts into one person and moves no rows: what is about a contact stays under the contact whose key seals
-- it. merged_into names the survivor, who is nobody's member.
ALTER TABLE contacts ADD COLUMN merged_into TEXT COLLATE "C";
ALTER TABLE contacts ADD COLUMN merged_at BIGINT;
CREATE INDEX contacts_by_survivor ON contacts (workspace_id, merged_into) WHERE merged_into IS NOT NULL;

-- Who joined whom, by whom, and what the survivor's profile said before, until it is forgotten after 30 days.
CREATE TABLE contact_merges (
    workspace_id   TEXT   NOT NULL COLLATE "C",
    contact_id     TEXT   NOT NULL COLLATE "C", -- the survivor
    id             TEXT   NOT NULL COLLATE "C",
    member_id      TEXT   NOT NULL COLLATE "C", -- who joined
    fields         TEXT   NOT NULL COLLATE "C", -- names of the survivor's fields that it changed, apart by spaces
    former_sealed  BYTEA,           -- JSON, with the survivor's key; null once forgotten
    source         TEXT   NOT NULL COLLATE "C", -- dashboard, api, identity
    actor_type     TEXT   NOT NULL COLLATE "C",
    actor_id       TEXT   NOT NULL COLLATE "C",
    created_at     BIGINT NOT NULL,
    undone_at      BIGINT,
    undone_by_type TEXT COLLATE "C",
    undone_by_id   TEXT COLLATE "C",
    final_at       BIGINT,          -- the former profiles are forgotten: it cannot be undone any more
    PRIMARY KEY (workspace_id, contact_id, id)
);
CREATE UNIQUE INDEX contact_merges_by_id ON contact_merges (workspace_id, id);
CREATE INDEX contact_merges_by_member ON contact_merges (workspace_id, member_id);
CREATE INDEX contact_merges_unfinished ON contact_merges (workspace_id, created_at) WHERE final_at IS NULL;

-- Pairs that somebody looked at and found to be two people.
CREATE TABLE contact_distinctions (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C", -- the older of the two
    other_id     TEXT   NOT NULL COLLATE "C",
    actor_type   TEXT   NOT NULL COLLATE "C",
    actor_id     TEXT   NOT NULL COLLATE "C",
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, other_id)
);
CREATE INDEX contact_distinctions_by_other ON contact_distinctions (workspace_id, other_id);

-- The erasure whose receipt speaks for this one too: a person who was several contacts is erased in one go.
ALTER TABLE erasures ADD COLUMN receipt_id TEXT COLLATE "C";
CREATE INDEX erasures_by_receipt ON erasures (workspace_id, receipt_id) WHERE receipt_id IS NOT NULL;

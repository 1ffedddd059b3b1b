-- +goose Up

-- Contacts in the order of their ids, in runs of at most 1,024: what segments are counted by. A run holds whoever has an id
-- from first_id on, up to the next run's. Both tables are derived from contacts and contact_attributes, in the same
-- transactions.
CREATE TABLE contact_runs (
    workspace_id TEXT   NOT NULL COLLATE "C",
    first_id     TEXT   NOT NULL COLLATE "C", -- '' of a workspace's first run
    people       BIGINT NOT NULL,
    visible      BYTEA  NOT NULL, -- a bit each: who can be in a segment
    ids          BYTEA  NOT NULL, -- what they begin with alike, and the rest of each
    PRIMARY KEY (workspace_id, first_id)
);

-- What the people of a run have of an attribute that is not personal: each value, and who has it, by their place in the run.
CREATE TABLE contact_columns (
    workspace_id TEXT  NOT NULL COLLATE "C",
    key          TEXT  NOT NULL COLLATE "C",
    first_id     TEXT  NOT NULL COLLATE "C",
    data         BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, key, first_id)
);
CREATE INDEX contact_columns_by_run ON contact_columns (workspace_id, first_id, key);

-- Workspaces whose runs are being made: those of people up to the cursor are there. Without a row all are.
CREATE TABLE contact_runs_making (
    workspace_id TEXT NOT NULL COLLATE "C",
    cursor       TEXT NOT NULL COLLATE "C", -- the contact that came last
    PRIMARY KEY (workspace_id)
);
INSERT INTO contact_runs_making (workspace_id, cursor)
    SELECT w.id, '' FROM workspaces w WHERE EXISTS (SELECT 1 FROM contacts c WHERE c.workspace_id = w.id);

-- Compressed already: PostgreSQL would try again.
ALTER TABLE contact_runs ALTER COLUMN ids SET STORAGE EXTERNAL;
ALTER TABLE contact_columns ALTER COLUMN data SET STORAGE EXTERNAL;

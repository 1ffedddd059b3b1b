-- +goose Up

-- What a workspace's attributes mean. One that was written but never declared stands here too, with an empty kind.
CREATE TABLE attribute_definitions (
    workspace_id   TEXT   NOT NULL COLLATE "C",
    key            TEXT   NOT NULL COLLATE "C",
    label          TEXT   NOT NULL COLLATE "C",
    description    TEXT   NOT NULL COLLATE "C",
    kind           TEXT   NOT NULL COLLATE "C", -- string, number, boolean, date, list; '' where nobody declared it
    personal       BIGINT NOT NULL, -- 1: sealed, found through tokens; 0: also in contact_attributes, found by range
    purpose        TEXT   NOT NULL COLLATE "C", -- the key of a purpose; '' where nobody declared it
    retention_days BIGINT,          -- values that are older go
    removed_at     BIGINT,          -- its values are being removed since
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key)
);

-- How far everybody's attributes are indexed by the definitions as they are now. A change of them begins anew.
CREATE TABLE attribute_indexing (
    workspace_id TEXT   NOT NULL COLLATE "C",
    version      BIGINT NOT NULL, -- of the definitions; grows with each change
    cursor       TEXT   NOT NULL COLLATE "C", -- the contact that came last
    done         BIGINT NOT NULL,
    total        BIGINT NOT NULL,
    began_at     BIGINT NOT NULL,
    ended_at     BIGINT,
    lease_holder TEXT   NOT NULL COLLATE "C",
    lease_until  BIGINT NOT NULL,
    PRIMARY KEY (workspace_id)
);
CREATE INDEX attribute_indexing_open ON attribute_indexing (lease_until) WHERE ended_at IS NULL;

-- Values of attributes that are not personal, for conditions and ranges: a row a value, and one an item of a list. The
-- truth is in the sealed profile.
CREATE TABLE contact_attributes (
    workspace_id TEXT   NOT NULL COLLATE "C",
    key          TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    item         BIGINT NOT NULL,
    text_value   TEXT COLLATE "C",             -- in lower case
    number_value DOUBLE PRECISION, -- numbers; 0 and 1; microseconds since 1970
    PRIMARY KEY (workspace_id, key, contact_id, item)
);
CREATE INDEX contact_attributes_by_text ON contact_attributes (workspace_id, key, text_value, contact_id) WHERE text_value IS NOT NULL;
CREATE INDEX contact_attributes_by_number ON contact_attributes (workspace_id, key, number_value, contact_id) WHERE number_value IS NOT NULL;
CREATE INDEX contact_attributes_by_contact ON contact_attributes (workspace_id, contact_id);

-- Since when a value is there whose attribute has a term.
CREATE TABLE contact_attribute_ages (
    workspace_id TEXT   NOT NULL COLLATE "C",
    key          TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    set_at       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key, contact_id)
);
CREATE INDEX contact_attribute_ages_oldest ON contact_attribute_ages (workspace_id, key, set_at);
CREATE INDEX contact_attribute_ages_by_contact ON contact_attribute_ages (workspace_id, contact_id);

-- What a browser told when its person did something, where the workspace switched that on.
CREATE TABLE contact_devices (
    workspace_id TEXT   NOT NULL COLLATE "C",
    contact_id   TEXT   NOT NULL COLLATE "C",
    id           TEXT   NOT NULL COLLATE "C",
    data_sealed  BYTEA  NOT NULL, -- JSON: shortened address, country, browser, language, page, referrer
    seen_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
);
CREATE INDEX contact_devices_oldest ON contact_devices (workspace_id, seen_at);

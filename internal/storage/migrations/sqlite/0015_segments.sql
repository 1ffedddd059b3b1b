-- +goose Up

-- Segments: named sets of people, told by conditions. Who is in one is found when somebody asks.
CREATE TABLE segments (
    workspace_id      TEXT   NOT NULL,
    id                TEXT   NOT NULL,
    definition_sealed BLOB   NOT NULL, -- JSON: name and filter; with the workspace's own key, as a filter may name a person
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

-- Who gave or withdrew their consent to a purpose.
CREATE INDEX consents_by_purpose ON consents (workspace_id, purpose, contact_id, created_at, id, action);

-- Who can be in a segment, in the order of the list: narrow, so that everybody can be counted.
CREATE INDEX contacts_visible ON contacts (workspace_id, id) WHERE deleted_at IS NULL AND restricted_at IS NULL;

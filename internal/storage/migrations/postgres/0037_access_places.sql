-- +goose Up

-- From where reads of people's data came, by the log's entry: network and browser, sealed with the key of the operator who looked, or with the
-- workspace's for an API key. The entry holds a hash of these bytes, so that the row can go while the entry stays.
CREATE TABLE access_places (
    workspace_id TEXT   NOT NULL COLLATE "C",
    position     BIGINT NOT NULL, -- of the entry
    place_sealed BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL, -- the entry's time
    PRIMARY KEY (workspace_id, position)
);
CREATE INDEX access_places_by_time ON access_places (created_at);

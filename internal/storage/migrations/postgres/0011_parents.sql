-- +goose Up

-- How often a parent was asked with this row, since asking again makes no new one; and what a legal hold keeps although
-- the parent withdrew.
ALTER TABLE parental_consents ADD COLUMN asks BIGINT NOT NULL DEFAULT 1;
CREATE INDEX parental_consents_withdrawn ON parental_consents (workspace_id) WHERE state = 'withdrawn';

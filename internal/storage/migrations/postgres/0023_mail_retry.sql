-- +goose Up

-- A mail that failed keeps what it tells for a while, so that somebody can have it sent again; then that goes, as it does once a mail is sent.
ALTER TABLE mails ADD COLUMN values_until BIGINT;
CREATE INDEX mails_with_values ON mails (values_until) WHERE values_until IS NOT NULL;

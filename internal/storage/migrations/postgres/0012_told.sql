-- +goose Up

-- The last mail to somebody who was erased is sealed with a key of its own, whose subject is the mail: nobody else's is left.
-- The key is destroyed and the row deleted as soon as the mail is sent or lapses.
ALTER TABLE mails ADD COLUMN own_key BIGINT NOT NULL DEFAULT 0; -- 1: such a mail
CREATE INDEX mails_with_own_key ON mails (expires_at) WHERE own_key = 1;

-- The term of a request may be extended once (GDPR article 12(3)); why is sealed with the rest of its words.
ALTER TABLE privacy_requests ADD COLUMN extended_at BIGINT;
ALTER TABLE privacy_requests ADD COLUMN extended_by_type TEXT;
ALTER TABLE privacy_requests ADD COLUMN extended_by TEXT;
ALTER TABLE privacy_requests ADD COLUMN told_levels TEXT NOT NULL DEFAULT ''; -- when each reminder was told: level@microseconds, apart by spaces

-- +goose Up

-- What a message held that people should not write into a chat, and who took what out of it.
ALTER TABLE messages ADD COLUMN sensitive_sealed BLOB; -- JSON: what was masked, and where what is flagged stands
ALTER TABLE messages ADD COLUMN redaction TEXT;        -- JSON: by whom, which kinds, whether all of it

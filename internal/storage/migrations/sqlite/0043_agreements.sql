-- +goose Up

-- That somebody agreed to what one of the customer's people put on a board for them.
CREATE TABLE board_agreements (
    workspace_id    TEXT   NOT NULL,
    contact_id      TEXT   NOT NULL,
    post_id         TEXT   NOT NULL,
    kind            TEXT   NOT NULL, -- post: it is their wish; vote: they want it, too
    how             TEXT   NOT NULL, -- conversation, mail, phone, in_person
    conversation_id TEXT,            -- in which they agreed
    message_id      TEXT,            -- what became the post or the vote
    noted_by_type   TEXT   NOT NULL,
    noted_by_id     TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, post_id, kind)
) WITHOUT ROWID;
CREATE INDEX board_agreements_by_post ON board_agreements (workspace_id, post_id, contact_id);
CREATE INDEX board_agreements_by_conversation ON board_agreements (workspace_id, conversation_id, created_at) WHERE conversation_id IS NOT NULL;

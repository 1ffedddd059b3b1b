-- +goose Up

-- That somebody agreed to what one of the customer's people put on a board for them.
CREATE TABLE board_agreements (
    workspace_id    TEXT   NOT NULL COLLATE "C",
    contact_id      TEXT   NOT NULL COLLATE "C",
    post_id         TEXT   NOT NULL COLLATE "C",
    kind            TEXT   NOT NULL COLLATE "C", -- post: it is their wish; vote: they want it, too
    how             TEXT   NOT NULL COLLATE "C", -- conversation, mail, phone, in_person
    conversation_id TEXT COLLATE "C",            -- in which they agreed
    message_id      TEXT COLLATE "C",            -- what became the post or the vote
    noted_by_type   TEXT   NOT NULL COLLATE "C",
    noted_by_id     TEXT   NOT NULL COLLATE "C",
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, post_id, kind)
);
CREATE INDEX board_agreements_by_post ON board_agreements (workspace_id, post_id, contact_id);
CREATE INDEX board_agreements_by_conversation ON board_agreements (workspace_id, conversation_id, created_at) WHERE conversation_id IS NOT NULL;

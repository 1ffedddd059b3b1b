-- +goose Up

-- When an import changed somebody. The row stays as that mark once what it replaced
-- is forgotten (former_sealed is empty then), until the person is erased.
ALTER TABLE import_updates ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
UPDATE import_updates SET created_at = COALESCE((SELECT COALESCE(i.started_at, i.created_at) FROM imports i
    WHERE i.workspace_id = import_updates.workspace_id AND i.id = import_updates.import_id), 0);
DROP INDEX import_updates_by_contact;
CREATE INDEX import_updates_by_contact ON import_updates (workspace_id, contact_id, created_at, import_id);

-- Companies that an import made, while it can be undone.
CREATE TABLE import_companies (
    workspace_id TEXT NOT NULL,
    import_id    TEXT NOT NULL,
    company_id   TEXT NOT NULL,
    PRIMARY KEY (workspace_id, import_id, company_id)
) WITHOUT ROWID;

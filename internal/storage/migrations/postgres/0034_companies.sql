-- +goose Up

-- A pass over a workspace's people: derive has their companies follow from their addresses, undo takes back what followed.
ALTER TABLE company_settings ADD COLUMN pass TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE company_settings ADD COLUMN total BIGINT NOT NULL DEFAULT 0;
ALTER TABLE company_settings ADD COLUMN changed BIGINT NOT NULL DEFAULT 0; -- of whom the company changed

-- A company that goes: nobody sees or joins it, and its people leave it in batches.
ALTER TABLE companies ADD COLUMN removed_at BIGINT;
ALTER TABLE companies ADD COLUMN into_id TEXT COLLATE "C"; -- the company that they join then, of which it became a part
CREATE INDEX companies_going ON companies (removed_at) WHERE removed_at IS NOT NULL;

-- Whose company followed from what is known of them.
CREATE INDEX contacts_following ON contacts (workspace_id, id) WHERE company_source IN ('domain', 'enrichment');

-- By what similar names are found within one company: tokens of one word with the first letter of another.
CREATE TABLE contact_namesakes (
    workspace_id TEXT NOT NULL COLLATE "C",
    company_id   TEXT NOT NULL COLLATE "C", -- as the contact's; '' where there is none
    token        BYTEA NOT NULL,
    contact_id   TEXT NOT NULL COLLATE "C",
    PRIMARY KEY (workspace_id, company_id, token, contact_id)
);
CREATE INDEX contact_namesakes_by_contact ON contact_namesakes (workspace_id, contact_id);

-- How many people a company has, and when one of them was last there.
CREATE INDEX contacts_of_company ON contacts (workspace_id, company_id, last_seen_at) WHERE company_id IS NOT NULL AND deleted_at IS NULL AND merged_into IS NULL;

-- What was changed in a company.
CREATE TABLE company_changes (
    workspace_id  TEXT NOT NULL COLLATE "C",
    company_id    TEXT NOT NULL COLLATE "C",
    id            TEXT NOT NULL COLLATE "C",
    fields        TEXT NOT NULL COLLATE "C", -- words, such as name or attributes
    former_sealed BYTEA NOT NULL, -- JSON of what they said before, with the workspace's key
    source        TEXT NOT NULL COLLATE "C",
    actor_type    TEXT NOT NULL COLLATE "C",
    actor_id      TEXT NOT NULL COLLATE "C",
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, company_id, id)
);

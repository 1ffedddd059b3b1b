-- +goose Up

-- What people did in the customer's product, as its code told. The name is the customer's word for it; everything else is sealed.
CREATE TABLE contact_events (
    workspace_id      TEXT   NOT NULL,
    contact_id        TEXT   NOT NULL,
    id                TEXT   NOT NULL,
    name              TEXT   NOT NULL,
    properties_sealed BLOB,            -- JSON, with the person's key; null where there are none
    source            TEXT   NOT NULL, -- api, dashboard, widget
    occurred_at       BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, id)
) WITHOUT ROWID;
CREATE INDEX contact_events_by_name ON contact_events (workspace_id, name, occurred_at, contact_id);
CREATE INDEX contact_events_by_contact ON contact_events (workspace_id, contact_id, occurred_at, id);
CREATE INDEX contact_events_oldest ON contact_events (workspace_id, occurred_at);

-- A person's timeline reads each of its sources from the newest on.
CREATE INDEX conversations_begun ON conversations (workspace_id, contact_id, created_at, id);
CREATE INDEX consents_by_time ON consents (workspace_id, contact_id, created_at, id);
CREATE INDEX objections_by_time ON objections (workspace_id, contact_id, created_at, id);
CREATE INDEX restrictions_by_time ON restrictions (workspace_id, contact_id, created_at, id);
CREATE INDEX legal_holds_by_time ON legal_holds (workspace_id, contact_id, created_at, id);
CREATE INDEX contact_changes_by_time ON contact_changes (workspace_id, contact_id, created_at, id);
CREATE INDEX privacy_requests_by_time ON privacy_requests (workspace_id, contact_id, received_at, id) WHERE contact_id IS NOT NULL;
CREATE INDEX events_resolved ON events (workspace_id, contact_id, occurred_at, id) WHERE type IN ('conversation.resolved', 'conversation.reopened');

-- Companies: what they are called is sealed with the workspace's key and found by tokens.
CREATE TABLE companies (
    workspace_id TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    data_sealed  BLOB   NOT NULL, -- JSON: name, domains, website, attributes
    source       TEXT   NOT NULL, -- api, dashboard, domain
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

-- A domain is one company's.
CREATE TABLE company_domains (
    workspace_id TEXT NOT NULL,
    token        BLOB NOT NULL,
    company_id   TEXT NOT NULL,
    PRIMARY KEY (workspace_id, token)
) WITHOUT ROWID;
CREATE INDEX company_domains_by_company ON company_domains (workspace_id, company_id);

-- The beginnings of companies' names.
CREATE TABLE company_tokens (
    workspace_id TEXT NOT NULL,
    token        BLOB NOT NULL,
    company_id   TEXT NOT NULL,
    PRIMARY KEY (workspace_id, token, company_id)
) WITHOUT ROWID;
CREATE INDEX company_tokens_by_company ON company_tokens (workspace_id, company_id);

-- Whether people's companies follow from the domains of their addresses, and how far that is carried out.
CREATE TABLE company_settings (
    workspace_id TEXT   NOT NULL,
    from_domains BIGINT NOT NULL, -- 1: they follow
    cursor       TEXT   NOT NULL, -- the contact that came last
    done         BIGINT NOT NULL,
    ended_at     BIGINT,          -- null while the pass runs
    lease_holder TEXT   NOT NULL,
    lease_until  BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id)
) WITHOUT ROWID;
CREATE INDEX company_settings_open ON company_settings (lease_until) WHERE ended_at IS NULL;

ALTER TABLE contacts ADD COLUMN company_id TEXT;
ALTER TABLE contacts ADD COLUMN company_source TEXT; -- domain: it follows from their address; set: somebody chose it
CREATE INDEX contacts_by_company ON contacts (workspace_id, company_id, id) WHERE company_id IS NOT NULL;

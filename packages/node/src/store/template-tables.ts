// The tables of templates (`TemplateStore`): one step of the store's tables (schema.ts), and like all of them never edited.

/**
 * `template`: what this node has published to partners, or partners to it, by digest. `template_run`: sessions that have spent the budget of a run of
 * one that this node published.
 */
export const TEMPLATES = `
  CREATE TABLE template (
    digest TEXT PRIMARY KEY,
    owner TEXT NOT NULL CHECK (owner IN ('us', 'partner')),
    partner TEXT NOT NULL,
    partner_key TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    text TEXT NOT NULL,
    signed_by BLOB NOT NULL,
    signed_to BLOB NOT NULL,
    signature BLOB,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'valid', 'withdrawn', 'replaced')),
    at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX template_valid ON template (owner, partner_key, name) WHERE state = 'valid';
  CREATE TABLE template_run (
    session TEXT PRIMARY KEY,
    partner_key TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX template_run_at ON template_run (partner_key, name, at);`;

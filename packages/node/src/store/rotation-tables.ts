// The tables of what a node rotates and what it keeps of its partners' rotations: one step of the store's tables (schema.ts), and like all
// of them never edited.

/**
 * This node's certificates over time (`OwnIdentities`), those of partners and who has followed whom (`Partners`, `Successions`), and what the
 * vault's keys come from now (`NodeVault`). Whatever limits a partner goes by its first signing key, `owner_key`, whichever it has today.
 */
export const ROTATION = `
  CREATE TABLE own_identity (
    number INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    signing_key BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('past', 'current', 'switching', 'next')),
    since INTEGER NOT NULL,
    sealed BLOB
  ) STRICT;
  ALTER TABLE partner ADD COLUMN owner_key TEXT NOT NULL DEFAULT '';
  UPDATE partner SET owner_key = lower(hex(signing_key));
  ALTER TABLE partner ADD COLUMN certificate_number INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE partner ADD COLUMN succession_number INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE successor (
    fingerprint TEXT PRIMARY KEY,
    partner TEXT NOT NULL REFERENCES partner (name) ON DELETE CASCADE,
    signing_key BLOB NOT NULL,
    certificate_number INTEGER NOT NULL,
    succession_number INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    confirmed_at INTEGER
  ) STRICT;
  CREATE INDEX successor_partner ON successor (partner);
  CREATE TABLE succession (
    owner_key TEXT NOT NULL,
    name TEXT NOT NULL,
    old_fingerprint TEXT NOT NULL,
    old_key BLOB NOT NULL,
    new_fingerprint TEXT NOT NULL,
    new_key BLOB NOT NULL,
    followed_at INTEGER NOT NULL,
    let_in_until INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX succession_old ON succession (old_fingerprint);
  CREATE TABLE vault_root (
    id BLOB NOT NULL,
    since INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE vault_key (
    purpose TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
  ) STRICT;`;

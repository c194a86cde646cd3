// The tables of series (`SeriesStore`, `SeenPeople`): two steps of the store's tables (schema.ts), and like all of them never edited once released.

/**
 * `series`: what both sides have signed, and what each of its runs costs. `series_run`: one row for each run; an `open` one is what is reserved
 * for it (`Reserved`), from when it is due until when it may no longer begin. `attempt` is the last session that was to make it.
 */
export const SERIES = `
  CREATE TABLE series (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    partner TEXT NOT NULL,
    partner_key TEXT NOT NULL,
    initiated_by TEXT NOT NULL CHECK (initiated_by IN ('us', 'partner')),
    role TEXT NOT NULL CHECK (role IN ('sender', 'receiver')),
    population TEXT NOT NULL,
    bytes BLOB NOT NULL,
    signatures BLOB NOT NULL,
    filter TEXT,
    mode TEXT NOT NULL CHECK (mode IN ('exact', 'noise')),
    micro_epsilon INTEGER NOT NULL CHECK (micro_epsilon >= 0),
    pico_rho TEXT NOT NULL,
    pure INTEGER NOT NULL,
    numbers INTEGER NOT NULL CHECK (numbers >= 0),
    agreed_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT CHECK (ended_by IN ('us', 'partner')),
    told INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX series_newest ON series (agreed_at, id);
  CREATE TABLE series_run (
    series TEXT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'done', 'missed')),
    attempt TEXT,
    session TEXT UNIQUE,
    why TEXT,
    PRIMARY KEY (series, number)
  ) STRICT;
  CREATE INDEX series_run_open ON series_run (due_at) WHERE state = 'open';`;

/**
 * Who was in this side's data in runs of a series that counts new people alone: `seen` is one set, of the runs under one key of the sender, and
 * `seen_tags` the tags that a session's people added to it, 16 bytes each, sealed under the set's secret.
 */
export const SEEN = `
  CREATE TABLE seen (
    id INTEGER PRIMARY KEY,
    series TEXT NOT NULL UNIQUE REFERENCES series (id) ON DELETE CASCADE,
    epoch_key BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    secret BLOB NOT NULL
  ) STRICT;
  CREATE TABLE seen_tags (
    seen INTEGER NOT NULL REFERENCES seen (id) ON DELETE CASCADE,
    attempt TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (seen, attempt, bucket)
  ) STRICT;`;

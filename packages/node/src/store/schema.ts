// The tables of node.sqlite. Once released a step is never edited; a change is a new step at the end.
import { EVENTS, SINKS } from "./event-tables.ts";
import { LINES } from "./line-tables.ts";
import { ROTATION } from "./rotation-tables.ts";
import { SEEN, SERIES } from "./series-tables.ts";
import { TEMPLATES } from "./template-tables.ts";
import { SUMS } from "./sums.ts";

/** "HfRm": marks the file as a node's store. */
export const APPLICATION_ID = 0x4866526d;

const SESSIONS = `
  CREATE TABLE session (
    id TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    proposal TEXT NOT NULL,
    initiated_by TEXT NOT NULL CHECK (initiated_by IN ('us', 'partner')),
    role TEXT NOT NULL CHECK (role IN ('sender', 'receiver')),
    terms BLOB NOT NULL,
    asked TEXT NOT NULL,
    filter TEXT,
    state TEXT NOT NULL,
    stage TEXT,
    code TEXT,
    reasons TEXT NOT NULL DEFAULT '[]',
    session TEXT UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    UNIQUE (partner, initiated_by, proposal)
  ) STRICT;
  CREATE INDEX session_state ON session (state);
  CREATE TABLE agreement (
    session TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    bytes BLOB NOT NULL,
    claimed_at INTEGER NOT NULL
  ) STRICT;`;

const MONEY = `
  CREATE TABLE ledger (
    session TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    population TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('exact', 'noise')),
    micro_epsilon INTEGER NOT NULL CHECK (micro_epsilon >= 0),
    taken_at INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    noise BLOB
  ) STRICT;
  CREATE INDEX ledger_spent ON ledger (partner, population, taken_at);
  CREATE TABLE report (
    session TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    request TEXT NOT NULL,
    data TEXT NOT NULL,
    json TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX report_request ON report (partner, request, data);`;

const RECORDS = `
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE receipt (
    session TEXT PRIMARY KEY,
    record BLOB NOT NULL
  ) STRICT;`;

const PSEUDONYMS = `
  CREATE TABLE epoch (
    partner TEXT NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    secret_key BLOB,
    PRIMARY KEY (partner, number)
  ) STRICT;
  CREATE TABLE evaluation (
    partner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    session TEXT NOT NULL,
    evaluations INTEGER NOT NULL CHECK (evaluations >= 0),
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (partner, epoch, session)
  ) STRICT;
  CREATE TABLE cache (
    id INTEGER PRIMARY KEY,
    partner TEXT NOT NULL,
    public_key BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    secret BLOB NOT NULL,
    UNIQUE (partner, public_key)
  ) STRICT;
  CREATE TABLE pseudonyms (
    cache INTEGER NOT NULL REFERENCES cache (id) ON DELETE CASCADE,
    bucket INTEGER NOT NULL,
    part INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (cache, bucket, part)
  ) STRICT;
  CREATE TABLE suppressed (
    tag BLOB PRIMARY KEY,
    added_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

const PARTNERS = `
  CREATE TABLE partner (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    signing_key BLOB NOT NULL,
    address TEXT NOT NULL,
    pinned_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE invitation (
    id BLOB PRIMARY KEY,
    secret BLOB NOT NULL,
    name TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by TEXT
  ) STRICT;`;

/** A release's concentrated cost, and whether its epsilon is pure, that is without a delta. */
const CONCENTRATED = `
  ALTER TABLE ledger ADD COLUMN pico_rho TEXT NOT NULL DEFAULT '0';
  ALTER TABLE ledger ADD COLUMN pure INTEGER NOT NULL DEFAULT 1;`;

/** People's tags are computed in another way now, so nothing that was cached would be found. */
const OTHER_TAGS = "DELETE FROM cache;";

/**
 * Whatever limits a partner goes by its signing key, in hex, so that another name for it resets nothing. A row of a name that is
 * gone keeps that name as its key: no name is as long as a key, and `adoptRows` finds its owner once it is pinned again. `name`
 * is the local name when the row was written: it is shown, and secrets are sealed to it.
 */
const BY_KEY = ["ledger", "report", "epoch", "evaluation", "cache"]
  .map(
    (table) => `
  ALTER TABLE ${table} RENAME COLUMN partner TO partner_key;
  ${
    table === "evaluation"
      ? ""
      : `ALTER TABLE ${table} ADD COLUMN name TEXT NOT NULL DEFAULT '';
  UPDATE ${table} SET name = partner_key;`
  }
  UPDATE OR IGNORE ${table}
  SET partner_key = (SELECT lower(hex(p.signing_key)) FROM partner p WHERE p.name = partner_key)
  WHERE partner_key IN (SELECT name FROM partner);`,
  )
  .join("");

/** What a partner asked lately, and how often it was told sizes. */
const RATES = `
  CREATE TABLE rate (
    partner_key TEXT NOT NULL,
    asked TEXT NOT NULL CHECK (asked IN ('question', 'statement')),
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX rate_of_partner ON rate (partner_key, asked, at);`;

/** Sessions that partners have completed and this node lacks: `Missed`. */
const MISSED = `
  CREATE TABLE missed (
    session TEXT PRIMARY KEY,
    partner_key TEXT NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT;`;

/**
 * Pseudonyms are those of the OPRF's verifiable mode now, which equal none of the mode before: what was kept of that one is
 * deleted, its epochs end, and epochs and kept pseudonyms name their suite.
 */
const VERIFIABLE = `
  DELETE FROM cache;
  ALTER TABLE cache ADD COLUMN suite TEXT NOT NULL DEFAULT 'oprf-ristretto255-SHA512';
  ALTER TABLE epoch ADD COLUMN suite TEXT NOT NULL DEFAULT 'oprf-ristretto255-SHA512';
  UPDATE epoch SET ends_at = min(ends_at, started_at);`;

/** What opens this node's own commitments: `KeptOpenings`. */
const OPENINGS = `
  CREATE TABLE opening (
    session TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
  ) STRICT;`;

/** How many numbers a session may have opened; of sessions from before nobody counted them. */
const NUMBERS = "ALTER TABLE ledger ADD COLUMN numbers INTEGER NOT NULL DEFAULT 0 CHECK (numbers >= 0);";

/** How many bits they have together. */
const BITS = "ALTER TABLE ledger ADD COLUMN bits INTEGER NOT NULL DEFAULT 0 CHECK (bits >= 0);";

/** What an auditor needs of this side's half of a session; see replay/kept-sessions.ts. */
const REPLAY = `
  CREATE TABLE replay (
    session TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    record BLOB,
    kept_at INTEGER NOT NULL
  ) STRICT;`;

/** Finds the proposals that came to nothing, which are forgotten in time, among those that did not. */
const UNSIGNED = `
  CREATE INDEX session_unsigned ON session (expires_at)
  WHERE session IS NULL AND state IN ('refused', 'failed');`;

/** Whatever is asked for while many old rows lie there is found without reading them. */
const INDEXES = `
  CREATE INDEX audit_kind ON audit (kind, number);
  DROP INDEX IF EXISTS session_state;
  CREATE INDEX session_state ON session (state, expires_at);
  CREATE INDEX session_newest ON session (created_at, id);
  DROP INDEX IF EXISTS ledger_spent;
  CREATE INDEX ledger_spent ON ledger
    (partner_key, population, mode, taken_at, pure, micro_epsilon, pico_rho, numbers, bits);
  CREATE INDEX ledger_population ON ledger (population, mode, taken_at, pure, micro_epsilon, pico_rho, numbers);
  CREATE INDEX ledger_newest ON ledger (taken_at, session);
  CREATE INDEX ledger_settled ON ledger (partner_key) WHERE settled = 1;
  CREATE INDEX ledger_noise ON ledger (session) WHERE noise IS NOT NULL;
  CREATE INDEX ledger_nameless ON ledger (session) WHERE length(partner_key) < 64;
  CREATE INDEX evaluation_session ON evaluation (session, partner_key, epoch, evaluations);
  CREATE INDEX evaluation_nameless ON evaluation (session) WHERE length(partner_key) < 64;
  CREATE INDEX report_newest ON report (created_at, session);
  CREATE INDEX report_nameless ON report (session) WHERE length(partner_key) < 64;
  CREATE INDEX replay_kept ON replay (kept_at);
  CREATE INDEX missed_partner ON missed (partner_key, seen_at);
  CREATE INDEX rate_at ON rate (at);`;

/** Reports of sessions whose receipts were not exchanged: `Unsettled`. */
const UNSETTLED = `
  CREATE TABLE unsettled (
    session TEXT PRIMARY KEY,
    signatures BLOB NOT NULL,
    json TEXT NOT NULL,
    data TEXT NOT NULL,
    transcript BLOB NOT NULL,
    nonce BLOB,
    kept_at INTEGER NOT NULL
  ) STRICT;`;

/** What a partner asked lately may be to complete a session. */
const COMPLETIONS = `
  CREATE TABLE asked (
    partner_key TEXT NOT NULL,
    asked TEXT NOT NULL CHECK (asked IN ('question', 'statement', 'completion')),
    at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO asked SELECT partner_key, asked, at FROM rate;
  DROP TABLE rate;
  ALTER TABLE asked RENAME TO rate;
  CREATE INDEX rate_of_partner ON rate (partner_key, asked, at);
  CREATE INDEX rate_at ON rate (at);`;
/** Finds earlier sessions of the same report, and the last ones with a partner that both had signed. */
const SAME_REPORT = `
  CREATE INDEX session_asked ON session (asked, partner, initiated_by, created_at);
  CREATE INDEX session_signed ON session (partner, created_at) WHERE session IS NOT NULL AND filter IS NULL;`;

/** Machines of this node's owner that compute for it: the credential of each, an X25519 public key. */
const WORKERS = `
  CREATE TABLE worker (
    name TEXT PRIMARY KEY,
    public_key BLOB NOT NULL UNIQUE,
    added_at INTEGER NOT NULL
  ) STRICT;`;

/**
 * What programs sign in with over HTTP (`ApiTokens`), what they have sent under a key and were answered (`Answered`), and the long work that
 * they started (`Jobs`).
 */
const HTTP_API = `
  CREATE TABLE api_token (
    name TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT;
  CREATE TABLE answered (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT,
    begun_at INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
  ) STRICT;
  CREATE INDEX answered_begun ON answered (begun_at);
  CREATE TABLE job (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    caller TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    session TEXT,
    result TEXT,
    code TEXT,
    words TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    owner TEXT NOT NULL
  ) STRICT;
  CREATE INDEX job_newest ON job (created_at, id);
  CREATE INDEX job_ended ON job (ended_at);`;

/** People who sign in to the console (`Users`), who is signed in (`SignIns`), and who has approved what (`Approvals`). */
const PEOPLE = `
  CREATE TABLE user (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password TEXT,
    secret BLOB,
    code_used INTEGER,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE sign_in (
    digest BLOB PRIMARY KEY,
    way TEXT NOT NULL CHECK (way IN ('password', 'openid')),
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    role TEXT NOT NULL,
    terms TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sign_in_subject ON sign_in (way, subject);
  CREATE TABLE approval (
    session TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'openid', 'token', 'account')),
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (session, kind, subject)
  ) STRICT;`;

/** Ways in which one person acts beside the user of that name (`Links`). */
const PERSON_WAYS = `
  CREATE TABLE person_way (
    way TEXT NOT NULL CHECK (way IN ('openid', 'account')),
    subject TEXT NOT NULL,
    person TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (way, subject)
  ) STRICT;`;

/** Step n upgrades a store from version n to n + 1. */
export const STEPS: readonly string[] = [
  SESSIONS + MONEY + RECORDS + PSEUDONYMS + PARTNERS,
  CONCENTRATED,
  OTHER_TAGS,
  BY_KEY,
  RATES,
  MISSED,
  VERIFIABLE,
  OPENINGS,
  NUMBERS,
  BITS,
  REPLAY,
  UNSIGNED,
  INDEXES,
  UNSETTLED,
  COMPLETIONS,
  SAME_REPORT,
  SUMS,
  WORKERS,
  HTTP_API,
  PEOPLE,
  ROTATION,
  PERSON_WAYS,
  EVENTS,
  SINKS,
  SERIES,
  TEMPLATES,
  SEEN,
  LINES,
];

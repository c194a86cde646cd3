// Tables of events, deliveries and sinks: two steps of the store's tables (schema.ts), and like all of them never edited once released.

/** What others are told of, and what is still to be delivered (`Events`). */
export const EVENTS = `
  CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    facts TEXT NOT NULL,
    at INTEGER NOT NULL,
    routed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX event_oldest ON event (at);
  CREATE INDEX event_unrouted ON event (number) WHERE routed = 0;
  CREATE TABLE delivery (
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts INTEGER NOT NULL,
    at INTEGER NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (event, target)
  ) STRICT;
  CREATE INDEX delivery_due ON delivery (target, at, number) WHERE state = 'waiting';
  CREATE INDEX delivery_open ON delivery (target, state) WHERE state IN ('waiting', 'failed');
  CREATE TABLE event_once (
    key TEXT PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT;`;

/** Which sink a report's own request names (`AskedSinks`), and what was sent of a report. */
export const SINKS = `
  CREATE TABLE session_sink (
    id TEXT PRIMARY KEY,
    sink TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_session ON event (json_extract(facts, '$.session')) WHERE type = 'session.done';`;

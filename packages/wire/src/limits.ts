// Bounds on everything that comes from outside. Each one is part of protocol-spec.md.

/**
 * Largest bulk payload of one message; longer data goes in several messages of exactly this size and a rest. Small enough that what is
 * sent at a time is spread over all connections of a long line, and that nothing waits long behind another message.
 */
export const CHUNK_BYTES_MAX = 1 << 17;
/** Largest field of what is never cut: a batch of the OPRF, the share of published bits. */
export const WHOLE_BYTES_MAX = 1 << 19;
/** Largest frame: one such field and its envelope. */
export const FRAME_BYTES_MAX = WHOLE_BYTES_MAX + 1024;
/** Largest encoding of the terms of a report. */
export const TERMS_BYTES_MAX = 64 * 1024;
/** One released label, in UTF-8. */
export const LABEL_BYTES_MAX = 1024;
/** Largest list of released labels. */
export const LABELS_BYTES_MAX = 1 << 26;
/** People of one side in a session. */
export const PEOPLE_MAX = 1_000_000_000;
/** Cells of a report, padding included. */
export const CELLS_MAX = 1 << 16;
/** Measures of a report. */
export const MEASURES_MAX = 16;
/** Group-by lists of a report. */
export const PARTITIONS_MAX = 8;
/** Columns of one group-by list. */
export const GROUP_BY_MAX = 8;
/** Categories of the sender in a report. */
export const CATEGORIES_MAX = 64;
/** Numbers that travel with a person of the sender. */
export const PAYLOADS_MAX = 256;
/** Keys that a person may be found by. */
export const MATCH_KEYS_MAX = 3;
/** Entries of one person of the receiver, and events of one person of the sender. */
export const ENTRIES_MAX = 16;
export const EVENTS_MAX = 8;
/** Decimals of a measure. */
export const DECIMALS_MAX = 9;
/** Reasons why a proposal is held or refused, as JSON. */
export const REASONS_BYTES_MAX = 16 * 1024;
/** What one side states before it signs. */
export const STATEMENT_BYTES_MAX = 4096;
/** HOST:PORT of a node. */
export const ADDRESS_BYTES_MAX = 255;
/** As many as have numbers of 16 bits for their lanes (`LANES_MAX`). */
export const SHARDS_MAX = 16_383;
/** Attempts of one shard, the first one included. */
export const ATTEMPTS_MAX = 4;
/** The name of a stream of an attempt's own. */
export const STREAM_NAME_BYTES = 16;
/** Lanes of a session: one for each attempt of each shard, and one on which the sides agree on attempts. */
export const LANES_MAX = SHARDS_MAX * ATTEMPTS_MAX + 1;

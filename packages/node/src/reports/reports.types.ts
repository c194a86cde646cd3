// Reports kept in the node's folder.

export interface StoredReport {
  /** The session id in hex. */
  readonly session: string;
  readonly partner: string;
  /** Digest of the terms as they were asked, in hex (`requestDigest`). */
  readonly request: string;
  /** Digest of this side's prepared data, its filter included, in hex. It never leaves the node. */
  readonly data: string;
  /** The text of `reportJson`. */
  readonly json: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

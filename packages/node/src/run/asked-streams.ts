// Whether a report is proposed with streams of shards' own (protocol-spec.md, section 8.1). A partner of an earlier version does not know the
// member of the terms and ends such a proposal; then it is made without.
import { carriedAs, overLink, scheduleOf, type Terms } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import type { Settings } from "../config/schema.ts";

export class AskedStreams {
  #isAsked: boolean;

  constructor({ shard_streams }: Pick<Settings, "shard_streams">) {
    this.#isAsked = shard_streams === "own";
  }

  /** A series is no session: its runs are asked for with streams, each by itself. */
  termsOf(terms: Terms): Terms {
    const isAsked = this.#isAsked && scheduleOf(terms) === undefined;
    return isAsked ? carriedAs(terms, { streams: "own" }) : overLink(terms);
  }

  /** Whether the partner ended it because it may not know such streams: from now on none are asked for. */
  isUnknown(error: unknown): boolean {
    const isIt =
      this.#isAsked && error instanceof ProtocolError && error.fromPartner && error.code === "malformed";
    if (isIt) this.#isAsked = false;
    return isIt;
  }
}

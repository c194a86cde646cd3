// Members of the terms that a report does without, and that a partner of an earlier version does not know: streams of shards' own
// (protocol-spec.md, section 8.1), and silent transfers where this node chose them. Such a partner ends the proposal; then it is made without.
import { carriedAs, overLink, scheduleOf, transfersAs, type Terms } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import type { Settings } from "../config/schema.ts";
import type { TransfersChoice } from "./transfers.ts";

export class AskedMembers {
  readonly #hasStreams: boolean;
  readonly #isChosenSilent: boolean;
  #isOlder = false;

  constructor({ shard_streams }: Pick<Settings, "shard_streams">, { source, isOrdered }: TransfersChoice) {
    this.#hasStreams = shard_streams === "own";
    this.#isChosenSilent = source === "silent" && !isOrdered;
  }

  /** A series is no session: its runs are asked for with streams, each by itself. */
  termsOf(terms: Terms): Terms {
    if (this.#isOlder)
      return overLink(this.#isChosenSilent ? transfersAs(terms, { transfers: undefined }) : terms);
    const hasStreams = this.#hasStreams && scheduleOf(terms) === undefined;
    return hasStreams ? carriedAs(terms, { streams: "own" }) : overLink(terms);
  }

  /** Whether silent transfers were chosen and are asked for no more. */
  get isWithoutSilent(): boolean {
    return this.#isOlder && this.#isChosenSilent;
  }

  /** Whether the partner ended it because it may not know such members: from now on none are asked for. */
  isUnknown(error: unknown): boolean {
    if (this.#isOlder || !(this.#hasStreams || this.#isChosenSilent)) return false;
    this.#isOlder = error instanceof ProtocolError && error.fromPartner && error.code === "malformed";
    return this.#isOlder;
  }
}

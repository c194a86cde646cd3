// The whole flow of a session, both roles:
//
//     agree -> pseudonymise -> match -> aggregate -> release
//
// Each stage is one call into the room that holds it; no room knows of another. Match and aggregate run once in each shard,
// wherever its runner is; their tables add up.
import type { RingArray } from "@halfroom/crypto";
import type { OtSource, Triples } from "@halfroom/mpc";
import type { ReleasedReport } from "@halfroom/report";
import { ProtocolError, type OpenChannel } from "@halfroom/wire";
import type { SignedAgreement } from "./agreement/agreement.ts";
import { sessionError } from "./boundary.ts";
import type { SessionInput } from "./input.ts";
import type { SessionLink } from "./link.ts";
import { exchangeReceipts, receiptNonce, type Receipt, type Receipted } from "./receipt/receipt.ts";
import { transcriptOf } from "./receipt/transcript.ts";
import { release } from "./release.ts";
import type { EnterStage } from "./shards/runner.ts";
import { runShards } from "./shards/run.ts";
import { shardSizes } from "./shards/sizes.ts";
import { beginSetup } from "./setup.ts";
import { aggregate, match, type ShardContext } from "./shards/shard.ts";
import type { Pseudonyms } from "./pseudonymise/pseudonyms.ts";
import { openSide, type Side } from "./side.ts";
import { agree } from "./talk/agree.ts";

/** A fresh report with the receipt that both signed, or the session, in hex, whose report both sides have already. */
export type SessionOutcome =
  | { readonly stored: string }
  | {
      readonly stored: undefined;
      readonly signed: SignedAgreement;
      /** Undefined on a side that the agreement gives no result. */
      readonly report: ReleasedReport | undefined;
      /** Set where a side that alone receives the report ends without it: in words, and the partner was not told. */
      readonly impossible: string | undefined;
      readonly receipt: Receipt;
      /** Opens the receipt's commitment to the report; undefined without a result. */
      readonly reportNonce: Uint8Array | undefined;
    };

/**
 * Runs a session whose terms both sides have accepted, from the statements to the receipt. The link stays open: the caller
 * closes it once it has kept what came out, or aborts it. Rejects with ProtocolError, marked with the stage it arose in, and
 * with what the site, the store of pseudonyms and the runner reject with. `shareTable` is another way to the shares of the same
 * table, for tests of what is around it.
 */
export async function runSession(
  link: SessionLink,
  input: SessionInput,
  shareTable: ShareTable = matchAndAggregate,
): Promise<SessionOutcome> {
  const { meter } = input;
  try {
    return await straightDown(link, input, shareTable);
  } catch (thrown) {
    const error = sessionError(thrown);
    if (error instanceof ProtocolError && meter.current !== undefined) error.phase ??= meter.current;
    throw error;
  } finally {
    meter.end();
  }
}

async function straightDown(
  link: SessionLink,
  input: SessionInput,
  shareTable: ShareTable,
): Promise<SessionOutcome> {
  const { data, site, meter, terms } = input;
  meter.over(link.channel);
  meter.enter("agree");
  const agreed = await agree(link.channel, input, () => link.begin(data.role));
  if (agreed.stored !== undefined) return { stored: agreed.stored };
  const { signed, pseudonyms, data: counted, rng, noise } = agreed;
  try {
    const ch = link.channel;
    meter.over(ch);
    const side = openSide({ ...input, data: counted, rng }, signed.agreement);
    const shared = await shareTable(ch, { link, input, side, pseudonyms });

    meter.enter("release");
    const transcript = transcriptOf(ch, side, site);
    const { report, impossible } = await release(ch, { ...side, ...shared, noise }, transcript, (drawn) =>
      site.takeBudget(signed.agreement, drawn),
    );
    await pseudonyms.kept();
    const unsigned = {
      signed,
      report,
      impossible,
      transcript: ch.transcript(),
      nonce: receiptNonce(terms, data.role, rng),
    };
    site.keepUnsigned(unsigned);
    const settle = (receipted: Receipted) => site.settle({ ...receipted, report, impossible });
    const { receipt, nonce: reportNonce } = await exchangeReceipts({
      ...unsigned,
      ch,
      us: data.role,
      site,
      settle,
    });
    return { stored: undefined, signed, report, impossible, receipt, reportNonce };
  } finally {
    await pseudonyms.stop();
  }
}

/** What one side knows once both have signed. */
interface SignedSession {
  readonly link: SessionLink;
  readonly input: SessionInput;
  readonly side: Side;
  readonly pseudonyms: Pseudonyms;
}

/** This side's share of the table, cells x columns numbers, and what its release draws from. */
interface SharedTable {
  readonly transfers: OtSource;
  /** `releaseTripleWords` words. */
  readonly triples: Triples;
  readonly shares: RingArray;
}

/** The stages from the signatures to the release. */
export type ShareTable = (ch: OpenChannel, session: SignedSession) => Promise<SharedTable>;

const matchAndAggregate: ShareTable = async (ch, { link, input, side, pseudonyms }) => {
  const { runner, meter, terms, scratch } = input;
  meter.enter("pseudonymise");
  if (shardSizes(side.senderPeople, side.receiverPeople, terms.shardPeople).shards > 1) runner.start();
  const setup = await beginSetup(ch, side);
  const ofPeople = await pseudonyms.pseudonymise(ch, side.rng, (done, total) => meter.progress(done, total));

  meter.enter("match");
  const { transfers, binSeed, triples } = await setup.answer(ch);
  const people = { pseudonyms: ofPeople, numbers: side.numbers, numbersOf: side.numbersOf };
  const { shardPeople, streams, initiator } = terms;
  const ownStreams =
    streams === undefined || runner.replayed !== undefined
      ? undefined
      : initiator === side.role
        ? "dials"
        : "is dialled";
  const shares = await runShards(ch, people, {
    ...side,
    transfers,
    binSeed,
    shardPeople,
    scratch,
    ownStreams,
    runner,
    meter,
    keep: (lane, messages) => link.keepLane(lane, messages),
    runShard,
  });
  return { transfers, triples: triples(), shares };
};

/** One shard, in whatever thread: this side's share of its table. */
export async function runShard(ch: OpenChannel, shard: ShardContext, enter: EnterStage): Promise<RingArray> {
  enter("match");
  const matched = await match(ch, shard);
  enter("aggregate");
  return await aggregate(ch, shard, matched);
}

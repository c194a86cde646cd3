// The partner's answer: to a proposal, as often as it is made again, and to a question that neither side remembers.
import type { TlsConnection } from "@halfroom/transport";
import { detached, guarded, ignored, ProtocolError, type OpenChannel } from "@halfroom/wire";
import { askPreview, propose, sessionError, type Answer } from "@halfroom/session";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "../partners/partners.ts";
import { unreadThere } from "../series/unread-there.ts";
import type { SessionRow } from "../sessions/row.ts";
import { WAITING } from "../sessions/sessions.ts";
import { AskedMembers } from "./asked-members.ts";
import type { BusyWait } from "./busy-wait.ts";
import { call } from "./call.ts";
import type { Asked } from "./outlook.ts";
import type { Plan } from "./plan.ts";
import type { RunEvent } from "./run-events.ts";
import { OLDER_PARTNER } from "./transfers.ts";

/** Errors after which a partner that knows the proposal is asked again. */
const PASSING: readonly string[] = ["timeout", "closed", "busy"];

export interface Reached {
  /** As it is now: it may have another key than when the plan was made. */
  readonly partner: Partner;
  /** The run's signal cuts the connection no more; else it would keep every connection of a wait of days. */
  readonly letGo: () => void;
  readonly connection: TlsConnection;
  readonly talk: OpenChannel;
  readonly answer: Answer;
}

/** What is known of a proposal while it is made again and again. */
export interface Waiting {
  readonly held: boolean;
  readonly busy: BusyWait;
  readonly members: AskedMembers;
}

/** The partner ended the proposal, which it may take without members of the terms that it does not know. */
class UnknownMembers extends Error {}

/** The partner's answer; undefined if it is busy, or if it cannot be reached at the moment but waits for this side to ask again. */
export async function reach(
  node: NodeState,
  plan: Plan,
  row: SessionRow,
  waiting: Waiting,
  onEvent: (event: RunEvent) => void,
): Promise<Reached | undefined> {
  const { partner, terms, signal } = plan;
  const { held, busy, members } = waiting;
  const over = new AbortController();
  const letGo = () => over.abort();
  try {
    const { connection, talk, partner: answering } = await call(node, partner);
    const cut = guarded(() => detached(() => connection.frames.close("closed"), ignored), ignored);
    signal?.addEventListener("abort", cut, { signal: over.signal });
    if (signal?.aborted === true) cut();
    const answer = await ask(node, row, { terms, members }, talk, onEvent);
    busy.end();
    return { partner: answering, letGo, connection, talk, answer };
  } catch (error) {
    letGo();
    if (error instanceof UnknownMembers) {
      if (members.isWithoutSilent) onEvent({ type: "transfers", words: OLDER_PARTNER.why });
      return await reach(node, plan, row, waiting, onEvent);
    }
    if (!(error instanceof ProtocolError) || row.expiresAt <= node.clock.now()) throw error;
    if (error.code === "busy" && !held) {
      const { until, isNew } = busy.again();
      if (isNew) onEvent({ type: "busy", until });
      return undefined;
    }
    // A node that was busy may be restarting.
    if (PASSING.includes(error.code) && (held || busy.isWaiting)) return undefined;
    throw error;
  }
}

/** What the partner's policy says, and how long its answer took; neither side remembers the question. */
export async function previewAtPartner(node: NodeState, { partner, terms, transfers }: Plan): Promise<Asked> {
  // A session's streams are no matter of its report.
  const members = new AskedMembers({ shard_streams: "session" }, transfers);
  for (;;) {
    const { talk } = await call(node, partner);
    try {
      const asked = performance.now();
      const answer = await askPreview(talk, members.termsOf(terms));
      const seconds = (performance.now() - asked) / 1000;
      await talk.close();
      return { answer, seconds, transfers: members.isWithoutSilent ? OLDER_PARTNER : transfers };
    } catch (error) {
      await talk.abort(error);
      if (!members.isUnknown(error)) throw sessionError(unreadThere(error, terms));
    }
  }
}

/** `terms` as they were proposed at first: the row of one that is held has those of the answer. */
async function ask(
  node: NodeState,
  row: SessionRow,
  { terms, members }: Pick<Plan, "terms"> & Pick<Waiting, "members">,
  talk: OpenChannel,
  onEvent: (event: RunEvent) => void,
): Promise<Answer> {
  try {
    const proposal = new Uint8Array(Buffer.from(row.proposal, "hex"));
    return await propose(talk, proposal, members.termsOf(terms), () => onEvent({ type: "queued" }));
  } catch (error) {
    await talk.abort(error);
    if (members.isUnknown(error)) throw new UnknownMembers();
    // The partner has closed this proposal for good: the next run makes a new one. Unless another run of it has begun.
    const isOver = error instanceof ProtocolError && error.fromPartner && error.code !== "busy";
    if (isOver && WAITING.includes(node.sessions.get(row.id).state)) {
      node.sessions.fail(row.id, error.code, node.clock.now());
    }
    throw sessionError(unreadThere(error, terms));
  }
}

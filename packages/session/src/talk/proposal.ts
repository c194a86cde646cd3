// How two nodes come to terms, before any data-dependent byte:
//
//     initiator                                  answering node
//     propose: proposal id, terms        ->      judges by its policy
//                                        <-      answer: queued (again and again), then accept, hold or refuse
//
// or, to know beforehand, `preview` instead of `propose`: the same answer, and nothing is remembered.
import { ProtocolError, type Channel } from "@halfroom/wire";
import { assertOnlyStricter, decodeTerms, encodeTerms, type Terms } from "../terms/terms.ts";
import { decodeReasons, encodeReasons, type Reason } from "./reasons.ts";

const DECISIONS = ["accept", "hold", "refuse", "queued"] as const;

/**
 * What the answering node says to a proposal. `queued` means accepted, but other sessions compute first: the next answer
 * follows on the same connection.
 */
export interface Answer {
  readonly decision: (typeof DECISIONS)[number];
  /** The proposed terms, made stricter by the answering node's policy. */
  readonly terms: Terms;
  readonly reasons: readonly Reason[];
  /** Fewest people of either side with whom the answering node's policy lets a session run. */
  readonly peopleMin: number;
}

/** The initiator's side: the final answer. Errors: `agreement` if it is for another report, `malformed`. */
export async function propose(
  ch: Channel<"propose", "answer">,
  proposal: Uint8Array,
  terms: Terms,
  onQueued: () => void,
): Promise<Answer> {
  await ch.send({ type: "propose", proposal, terms: encodeTerms(terms) });
  for (;;) {
    const answer = await recvAnswer(ch, terms);
    if (answer.decision !== "queued") return answer;
    onQueued();
  }
}

/** Asks what the partner's policy says, without proposing. Errors as `propose`. */
export async function askPreview(ch: Channel<"preview", "answer">, terms: Terms): Promise<Answer> {
  await ch.send({ type: "preview", terms: encodeTerms(terms) });
  return await recvAnswer(ch, terms);
}

async function recvAnswer(ch: Channel<never, "answer">, proposed: Terms): Promise<Answer> {
  const message = await ch.recv("answer");
  const decision = DECISIONS.find((known) => known === message.decision);
  if (decision === undefined) throw new ProtocolError("malformed");
  const terms = decodeTerms(message.terms);
  assertOnlyStricter(proposed, terms);
  return { decision, terms, reasons: decodeReasons(message.reasons), peopleMin: message.people };
}

export async function sendAnswer(
  ch: Channel<"answer", never>,
  { decision, terms, reasons, peopleMin }: Answer,
): Promise<void> {
  await ch.send({
    type: "answer",
    decision,
    terms: encodeTerms(terms),
    reasons: encodeReasons(reasons),
    people: peopleMin,
  });
}

// Idempotency keys: a request that is sent again, because its answer was lost, is answered as before and nothing is done twice.
import { createHash } from "node:crypto";
import { claimKey, settleKey, type HalfroomNode } from "@halfroom/node";
import { RequestError } from "./request-error.ts";

/** What a JSON endpoint answers with. */
export interface Answer {
  readonly status: number;
  /** JSON; empty for none. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface KeyedWork {
  readonly caller: string;
  /** The header; without one the request is simply done. */
  readonly key: string | undefined;
  /** Method, path and body. */
  readonly request: readonly string[];
  /** Whether the answer holds a secret, and is not kept. */
  readonly once: boolean;
}

const KEY = /^[\x21-\x7e]{1,255}$/;
const SHOWN_ONCE = "shown once";

/** Rejects with RequestError `malformed`, `key-in-use`, `key-of-another`, `shown-once`, and whatever `work` rejects with: the key is free then. */
export async function doOnce(
  node: HalfroomNode,
  { caller, key, request, once }: KeyedWork,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (key === undefined) return await work();
  if (!KEY.test(key))
    throw new RequestError(
      "malformed",
      "Idempotency-Key: give 1 to 255 letters, digits and marks, no blanks.",
    );
  const digest = createHash("sha256").update(JSON.stringify(request)).digest("hex");
  const keyed = { caller, key, request: digest };
  const claim = await claimKey(node, keyed);
  if (claim.state === "answered") return answeredBefore(claim.answer);
  if (claim.state !== "new") throw refusal(claim.state);
  let answer: Answer | undefined;
  try {
    answer = await work();
    return answer;
  } finally {
    const kept = once ? SHOWN_ONCE : JSON.stringify(answer);
    await settleKey(node, keyed, answer === undefined ? undefined : kept);
  }
}

function answeredBefore(kept: string): Answer {
  if (kept === SHOWN_ONCE)
    throw new RequestError(
      "shown-once",
      "This was done under the same idempotency key, and its answer held a secret that is not kept. If it was lost, revoke what was made and make another one.",
    );
  const answer = JSON.parse(kept) as Answer;
  return { ...answer, headers: { ...answer.headers, "idempotency-replayed": "true" } };
}

function refusal(state: "other" | "unanswered"): RequestError {
  if (state === "other")
    return new RequestError(
      "key-of-another",
      "This idempotency key was used for another request; take a new one.",
    );
  return new RequestError(
    "key-in-use",
    "A request with this idempotency key is being worked on, or the node ended meanwhile; look whether it was done before you ask under another key.",
    { headers: { "retry-after": "1" } },
  );
}

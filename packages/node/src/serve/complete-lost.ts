// Sessions that failed at their last messages (protocol-spec.md, section 14.4): a serving node asks the partner for what is lacking, a few
// times over hours, and leaves the rest to a person.
import { OperatorError, safeWords } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { askToComplete, isFinal } from "../run/complete.ts";
import { codeOfFailure } from "../run/run-session.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { Service } from "./serve-partner.ts";

/** The second attempt comes so long after the first, and each further one after twice the time of the one before. */
const AGAIN_MS = 60_000;
/** The last one comes some 17 hours after the first. */
const ATTEMPTS_MAX = 11;
/** A partner that does not answer by then is asked again later: nothing waits for this. */
const REACH_MS = 5000;

interface Tried {
  readonly attempts: number;
  /** When the next one is due, by the node's clock. */
  readonly nextAt: number;
}

type Serving = Pick<Service, "node" | "log" | "ending" | "onEvent">;

export class CompleteLost {
  readonly #serving: Serving;
  /** By session; of those that are still lacking. */
  #tried = new Map<string, Tried>();
  #working: Promise<void> | undefined;

  constructor(serving: Serving) {
    this.#serving = serving;
  }

  /** Asks for what is due, one session after the other; resolves when all are asked. Never rejects. */
  async work(): Promise<void> {
    this.#working ??= this.#askForAll()
      .catch((error: unknown) => this.#warn({ words: safeWords(error) }, "completing sessions failed"))
      .finally(() => (this.#working = undefined));
    await this.#working;
  }

  async #askForAll(): Promise<void> {
    const { node, ending } = this.#serving;
    const lacking = node.sessions.completable();
    // Others have completed the rest, or it is no longer kept.
    this.#tried = new Map(lacking.flatMap(({ id }) => this.#triedOf(id)));
    for (const row of lacking) if (!ending.aborted && this.#isDue(row, node)) await this.#ask(row);
  }

  #triedOf(id: string): [string, Tried][] {
    const tried = this.#tried.get(id);
    return tried === undefined ? [] : [[id, tried]];
  }

  /** A partner without an address asks itself, when its user runs the report again. */
  #isDue({ id, partner }: SessionRow, { partners, clock }: NodeState): boolean {
    const { attempts, nextAt } = this.#tried.get(id) ?? { attempts: 0, nextAt: 0 };
    const pinned = partners.list().find(({ name }) => name === partner);
    return attempts < ATTEMPTS_MAX && clock.now() >= nextAt && pinned !== undefined && pinned.address !== "";
  }

  async #ask(row: SessionRow): Promise<void> {
    const { node, log, ending, onEvent } = this.#serving;
    const about = { partner: row.partner, id: row.id };
    try {
      const partner = node.partners.named(row.partner);
      const { session } = await askToComplete(node, row, partner, { waitMs: REACH_MS, leaving: ending });
      this.#tried.delete(row.id);
      log.info(about, "session completed: the partner's last message is there");
      onEvent({ type: "completed", id: row.id, session });
    } catch (error) {
      if (ending.aborted) return;
      this.#putOff(row, error);
    }
  }

  #putOff(row: SessionRow, error: unknown): void {
    const { attempts } = this.#tried.get(row.id) ?? { attempts: 0 };
    const made = isFinal(error) ? ATTEMPTS_MAX : attempts + 1;
    this.#tried.set(row.id, {
      attempts: made,
      nextAt: this.#serving.node.clock.now() + AGAIN_MS * 2 ** attempts,
    });
    const code = error instanceof OperatorError ? error.code : codeOfFailure(error);
    const about = { partner: row.partner, id: row.id, code };
    if (made < ATTEMPTS_MAX) this.#serving.log.info(about, "session not completed yet");
    else this.#warn(about, `session cannot be completed; halfroom complete ${row.id} asks once more`);
  }

  #warn(fields: object, words: string): void {
    this.#serving.log.warn(fields, words);
  }
}

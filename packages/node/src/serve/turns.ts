// Turns for sessions that compute: a number of them at once, and a bounded queue in which no partner has more than its share. A
// partner that was given a turn and says nothing keeps its session, but not the turn from others who wait.
import { guarded, ignored, ProtocolError } from "@halfroom/wire";

export interface TurnLimits {
  /** Sessions that compute at the same time. */
  readonly sessionsMax: number;
  /** Sessions that wait: in all, and of one partner. */
  readonly queueMax: number;
  readonly queuePartnerMax: number;
  /** Milliseconds for which a turn waits for its partner alone; then others may compute in its place. */
  readonly silentMs: number;
}

/** Who asks for a turn. */
export interface Asking {
  readonly partner: string;
  /** Whether its connection stands right now. */
  isThere(): boolean;
  /** Ends its session, since it has said nothing for too long while others wait. */
  giveUp(): void;
}

interface Waiting {
  readonly asking: Asking;
  readonly begin: (turn: Turn) => void;
}

export class Turns {
  readonly #limits: TurnLimits;
  /** In the order in which they came. */
  readonly #queue: Waiting[] = [];
  /** In the order in which they began. */
  readonly #turns = new Set<Turn>();
  /** Partners in the order in which they were last given a turn. */
  readonly #served = new Set<string>();

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#turns.size;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Whether the caller of `take` waits. */
  isQueued(asking: Asking): boolean {
    return this.#queue.some((waiting) => waiting.asking === asking);
  }

  /**
   * Resolves when it is the caller's turn, which the caller must `leave`. Where several partners wait, the one with fewest
   * turns comes first, then the one that was served longest ago. Errors: `busy`, if the queue or the partner's share of it is
   * full; the reason of `signal`, with which the caller's place is free again.
   */
  async take(asking: Asking, signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    if (this.#queue.length > 0 || !(this.#hasRoom() || this.#canLend())) this.#assertPlace(asking.partner);
    return await new Promise<Turn>((resolve, reject) => {
      const stop = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        asking,
        begin: (turn) => {
          signal.removeEventListener("abort", stop);
          resolve(turn);
        },
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#queue.push(waiting);
      this.#serve();
    });
  }

  #assertPlace(partner: string): void {
    const { queueMax, queuePartnerMax } = this.#limits;
    const own = this.#queue.filter(({ asking }) => asking.partner === partner).length;
    if (this.#queue.length >= queueMax || own >= queuePartnerMax) throw new ProtocolError("busy");
  }

  #serve(): void {
    while (this.#queue.length > 0 && (this.#hasRoom() || this.#makeRoom())) this.#begin(this.#next());
  }

  #hasRoom(): boolean {
    return this.#count((turn) => !turn.isLent) < this.#limits.sessionsMax;
  }

  #canLend(): boolean {
    return this.#count((turn) => turn.isSilent && !turn.isLent) > 0;
  }

  /**
   * Lends the turn of a silent partner. As many are lent as there are turns, since a session that is under way keeps its memory;
   * then the one that was lent first ends.
   */
  #makeRoom(): boolean {
    const turns = [...this.#turns];
    const silent = turns.find((turn) => turn.isSilent && !turn.isLent);
    if (silent === undefined) return false;
    const lent = turns.filter((turn) => turn.isLent);
    if (lent.length >= this.#limits.sessionsMax) {
      this.#turns.delete(lent[0]!);
      lent[0]!.asking.giveUp();
    }
    silent.isLent = true;
    // The one that was lent last is the last to end.
    this.#turns.delete(silent);
    this.#turns.add(silent);
    return true;
  }

  #next(): Waiting {
    const served = [...this.#served];
    const rank = ({ asking }: Waiting) => [
      asking.isThere() ? 0 : 1,
      this.#count((turn) => turn.asking.partner === asking.partner),
      served.indexOf(asking.partner),
    ];
    const ranked = this.#queue.map((waiting) => ({ waiting, rank: rank(waiting) }));
    ranked.sort((a, b) => compare(a.rank, b.rank));
    return ranked[0]!.waiting;
  }

  #begin(waiting: Waiting): void {
    const { asking, begin } = waiting;
    this.#queue.splice(this.#queue.indexOf(waiting), 1);
    this.#served.delete(asking.partner);
    this.#served.add(asking.partner);
    const turn = new Turn(asking, this.#limits.silentMs, () => this.#serve());
    this.#turns.add(turn);
    turn.onLeave = () => {
      this.#turns.delete(turn);
      this.#serve();
    };
    begin(turn);
  }

  #count(fits: (turn: Turn) => boolean): number {
    return [...this.#turns].filter(fits).length;
  }
}

export class Turn {
  readonly asking: Asking;
  /** Whether this side has waited for the partner alone for a while. */
  isSilent = false;
  /** Whether another session may compute in its place. */
  isLent = false;
  onLeave = () => {};
  readonly #silentMs: number;
  readonly #onSilent: () => void;

  constructor(asking: Asking, silentMs: number, onSilent: () => void) {
    this.asking = asking;
    this.#silentMs = silentMs;
    this.#onSilent = onSilent;
  }

  /** Nothing is computed here until `arrival` settles, which is up to the partner. */
  async whileWaiting<T>(arrival: Promise<T>): Promise<T> {
    const silent = guarded(() => {
      this.isSilent = true;
      this.#onSilent();
    }, ignored);
    const timer = setTimeout(silent, this.#silentMs);
    try {
      return await arrival;
    } finally {
      clearTimeout(timer);
      this.isSilent = false;
      this.isLent = false;
    }
  }

  leave(): void {
    this.onLeave();
  }
}

/** Of two lists of numbers the one that is smaller at the first difference comes first. */
function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}

// One session with a liar, and what the honest side made of it.
import { runPair, seededRng, type Ending } from "@halfroom/testkit";
import { otherRole, ROLES, type Role } from "@halfroom/session";
import { reportDocument, type ReleasedReport } from "@halfroom/report";
import { ProtocolError } from "@halfroom/wire";
import { CASES, pool, type Case } from "./cases.ts";
import { diceOf } from "./dice.ts";
import { altering, lieAbout, lyingData } from "./lie.ts";

/** A silent partner is given up after this long, so that a lie that leaves a message out does not take minutes. */
const IDLE_MS = 3000;
/** Far beyond what a session takes: a run that is not over then hangs. */
export const HANG_MS = 120_000;
/** Messages of a session that a lie may be in; most have fewer. */
const MESSAGES = 60;

export interface Played {
  readonly seed: string;
  readonly kind: string;
  readonly liar: Role;
  /** `kept` for a report; the code of a ProtocolError, or `fault` with what is wrong with the honest side. */
  readonly end: string;
  readonly fault: string | undefined;
  /** Numbers that the honest side kept, each of which was held against its bounds. */
  readonly checked: number;
}

/** Plays the session that `seed` stands for, and whose lies `roll` draws. */
export async function play(seed: string, roll = diceOf(seededRng(`lies/${seed}`))): Promise<Played> {
  const one = CASES[roll(CASES.length)]!;
  const liar = ROLES[roll(2)]!;
  const about = roll(8) === 0 ? "people" : "messages";
  const places = new Set(Array.from({ length: 1 + roll(3) }, () => roll(MESSAGES)));
  const session = runPair({
    ...one,
    data: about === "people" ? lyingData(one.data, liar, roll) : one.data,
    pool,
    seed,
    idleMs: IDLE_MS,
    channelOf: (ch, role) =>
      role === liar && about === "messages"
        ? altering(ch, (message, number) => (places.has(number) ? lieAbout(message, roll) : [message]))
        : ch,
  });
  const endings = await within(HANG_MS, session);
  const common = { seed, kind: `${one.name}, about ${about}`, liar };
  if (endings === undefined) return { ...common, end: "hang", fault: "the session hangs", checked: 0 };
  const honest = endings[otherRole(liar)];
  return { ...common, end: endOf(honest), ...faultOf(honest, one, otherRole(liar)) };
}

/** Undefined if it takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function endOf(ending: Ending): string {
  if ("result" in ending) return "kept";
  return ending.error instanceof ProtocolError ? ending.error.code : String((ending.error as Error).name);
}

/** What no lie may bring about, with how many numbers it is not true of; `fault` is undefined if all is well. */
function faultOf(ending: Ending, { terms, data }: Case, honest: Role): Verdict {
  if ("error" in ending) return { fault: wrongError(ending.error), checked: 0 };
  const { report } = ending.result;
  if (report === undefined) return { fault: undefined, checked: 0 };
  reportDocument(report);
  return checkNumbers(report, terms, data, honest);
}

/** What was looked at on the honest side. */
export type Verdict = Pick<Played, "fault" | "checked">;

/** Why an error is none that a lie may bring about. */
export function wrongError(error: unknown): string | undefined {
  if (!(error instanceof ProtocolError)) return `no ProtocolError: ${(error as Error).stack}`;
  if (error.code === "internal" && !error.fromPartner) return `internal: ${(error.cause as Error)?.stack}`;
  return undefined;
}

/** The bounds of section 13.5 C as they read, cell by cell, with room for any noise of these terms. */
function checkNumbers(
  { partitions }: ReleasedReport,
  { threshold, measures, release }: Case["terms"],
  { sender, receiver }: Case["data"],
  honest: Role,
): Verdict {
  const room = release.mode === "exact" ? 0n : 60n;
  const own = (labels: readonly string[]) => {
    if (honest === "sender") return sender.people;
    const [{ labels: known, base }] = receiver.partitions as [(typeof receiver.partitions)[number]];
    return base[known.findIndex(([label]) => label === labels[0])] ?? -1;
  };
  const [{ low, high }] = measures as [(typeof measures)[number]];
  let checked = 0;
  const wrong = (fault: string): Verdict => ({ fault, checked });
  for (const { labels, people, sums } of partitions.flatMap(({ cells }) => cells)) {
    if (people === undefined) continue;
    const most = BigInt(own(labels));
    checked++;
    if (people.value < BigInt(threshold)) return wrong("fewer people than the threshold");
    if (people.value > most + room) return wrong("more people than the side has");
    const amount = sums[0]?.value;
    if (amount === undefined) continue;
    checked++;
    const loud = room * 100n;
    if (amount < low * most - loud || amount > high * most + loud)
      return wrong("a sum of no people's values");
  }
  return { fault: undefined, checked };
}

// Both sides of a session on little data that a test makes itself, each run to its own end.
import { RecordStore, packRows, systemRng, type GroupPool, heldRows } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { freshKeys, memoryFrames, TERMS } from "@halfroom/testkit";
import { openChannel, ProtocolError, type Frames } from "@halfroom/wire";
import type { SessionInput } from "../src/input.ts";
import { SessionLink } from "../src/link.ts";
import { StageMeter } from "../src/meter.ts";
import { sessionDataOf, type HeldData } from "../src/replay/held-data.ts";
import { shardsHere } from "../src/shards/here.ts";
import { itemsPerPerson } from "../src/terms/bounds.ts";
import { siteOf } from "./sites.ts";

const IDLE_MS = 20_000;
const PEOPLE = 5;
const COUNTS = { rows: PEOPLE, people: PEOPLE, filtered: 0, merged: 0, dropped: {}, examples: {} };

/** Little data of each side. */
export const DATA = {
  sender: {
    role: "sender",
    people: {
      ...COUNTS,
      digest: new Uint8Array(32).fill(3),
      peoplePayload: undefined,
      measures: TERMS.measures.map(() => new BigInt64Array(PEOPLE)),
      categories: Uint32Array.of(0, 1, 2, 0, 1),
      categoryLabels: [["a"], ["b"], ["c"]],
    },
    counts: COUNTS,
    digest: new Uint8Array(32).fill(3),
  },
  receiver: {
    role: "receiver",
    people: {
      ...COUNTS,
      digest: new Uint8Array(32).fill(4),
      partitions: [
        {
          groupBy: ["campaign", "age_band"],
          cells: Uint32Array.of(0, 0, 1, 2, 2),
          labels: ["x", "y", "z"].map((label) => [label, label]),
          base: Uint32Array.of(2, 1, 2),
        },
      ],
    },
    counts: COUNTS,
    digest: new Uint8Array(32).fill(4),
  },
} as const satisfies Readonly<Record<Role, HeldData>>;

export interface SideChanges extends Omit<Partial<SessionInput>, "data"> {
  readonly data?: HeldData;
  readonly wrap?: (frames: Frames) => Frames;
}
export type Changes = Partial<Record<Role, SideChanges>>;

/** What a side puts in: `TERMS`, five people, the operating system's randomness and a site that accepts everything. */
async function inputOf(role: Role, pool: GroupPool, changes: SideChanges): Promise<SessionInput> {
  const { wrap: _, data = DATA[role], ...input } = changes;
  const { terms = TERMS } = input;
  const count = PEOPLE * itemsPerPerson(terms);
  const identifiers = heldRows(packRows(Array.from({ length: count }, (__, i) => Buffer.from(`item ${i}`))));
  return {
    terms,
    data: await sessionDataOf(data, terms),
    roundPeopleTo: 1,
    takeIdentifiers: () => ({ identifiers }),
    scratch: new RecordStore(),
    keys: freshKeys(role, pool, systemRng),
    site: siteOf(role),
    pool,
    runner: shardsHere,
    rng: systemRng,
    meter: new StageMeter(),
    ...input,
  };
}

/** What each side's `run` resolved to, or what it ended with: "code", or "code from partner" if the partner told it. */
export async function bothSides<T>(
  pool: GroupPool,
  run: (link: SessionLink, input: SessionInput) => Promise<T>,
  changes: Changes = {},
): Promise<Record<Role, T | string>> {
  const [left, right] = memoryFrames({ idleMs: IDLE_MS });
  const one = async (role: Role, ofRole: SideChanges, own: Frames) => {
    const frames = ofRole.wrap?.(own) ?? own;
    const link = new SessionLink(frames, openChannel(frames, role));
    try {
      return await run(link, await inputOf(role, pool, ofRole));
    } catch (error) {
      await link.abort(error);
      if (!(error instanceof ProtocolError)) throw error;
      return error.fromPartner ? `${error.code} from partner` : error.code;
    }
  };
  const [sender, receiver] = await Promise.all([
    one("sender", changes.sender ?? {}, left),
    one("receiver", changes.receiver ?? {}, right),
  ]);
  return { sender, receiver };
}

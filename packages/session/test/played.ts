// Sessions with both sides' material for an auditor, in which one role may be a changed node.
import { allNumbers, allRows, packRows, systemRng, type GroupPool } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import type { EncodedItems } from "@halfroom/prepare";
import { freshKeys, testIdentity } from "@halfroom/testkit";
import { openChannel, withHead, type Message, type MessageType, type OpenChannel } from "@halfroom/wire";
import type { Agreement } from "../src/agreement/agreement.ts";
import type { SessionInput } from "../src/input.ts";
import type { SessionLink, StreamRecord } from "../src/link.ts";
import { runSession, runShard } from "../src/pipeline.ts";
import type { HeldItems } from "../src/replay/check-items.ts";
import type { ReplaySecrets, ReplaySide, ReplaySides } from "../src/replay/side.ts";
import { shardContext } from "../src/shards/shard.ts";
import type { ShardRunner } from "../src/shards/runner.ts";
import { bothSides, DATA, type Changes } from "./sides.ts";
import { siteOf } from "./sites.ts";

const ITEMS: HeldItems = {
  identifiers: packRows(Array.from({ length: 5 }, (_, i) => Buffer.from(`item ${i}`))),
};

async function heldOf({ identifiers, items }: EncodedItems): Promise<HeldItems> {
  return { identifiers: await allRows(identifiers), items: items && (await allNumbers(items)) };
}

export type Edit = (message: Message, count: number) => Message;
export interface Cheat {
  readonly role: Role;
  readonly edit: Edit;
}

export interface Played {
  readonly agreement: Agreement;
  readonly sides: ReplaySides;
  /** How each side's session ended: "done" or a code. */
  readonly ends: Readonly<Record<Role, string>>;
}

/** Runs a session in which one role may send other messages than its code would, and collects what both keep. */
export async function play(pool: GroupPool, cheat?: Cheat, changes: Changes = {}): Promise<Played> {
  const kept: Partial<Record<Role, { secrets: ReplaySecrets; agreement: Agreement }>> = {};
  const records: Partial<Record<Role, readonly StreamRecord[]>> = {};
  const changesOf = (role: Role) => ({
    keys: freshKeys(role, pool, systemRng),
    site: siteOf(role, {
      takeUp: ({ agreement }, _, secrets) => void (kept[role] = { secrets, agreement }),
    }),
    ...changes[role],
  });
  const run = async (link: SessionLink, input: SessionInput) => {
    const { role } = input.data;
    if (cheat?.role === role) cheating(link, cheat.edit);
    try {
      await runSession(link, input);
      return "done";
    } finally {
      records[role] = await link.record();
    }
  };
  const ends = await bothSides(pool, run, { sender: changesOf("sender"), receiver: changesOf("receiver") });
  const sideOf = async (role: Role): Promise<ReplaySide> => {
    const given = changes[role]?.takeIdentifiers?.();
    return {
      secrets: kept[role]!.secrets,
      data: changes[role]?.data ?? DATA[role],
      items: given === undefined ? ITEMS : await heldOf(given),
      signingKey: testIdentity(role).signingKey,
      record: records[role]!,
    };
  };
  return {
    agreement: kept.sender!.agreement,
    sides: { sender: await sideOf("sender"), receiver: await sideOf("receiver") },
    ends,
  };
}

/** The stages run over a channel whose messages are edited before they are numbered and hashed, as changed software would. */
function cheating(link: SessionLink, edit: Edit): void {
  const begin = link.begin.bind(link);
  link.begin = (role) => {
    const channel = edited(begin(role), edit);
    // The stages take it from the link as well.
    Object.defineProperty(link, "channel", { value: channel });
    return channel;
  };
}

function edited(ch: OpenChannel, edit: Edit): OpenChannel {
  const counts = new Map<MessageType, number>();
  const send: OpenChannel["send"] = (message) => {
    const count = counts.get(message.type) ?? 0;
    counts.set(message.type, count + 1);
    return ch.send(edit(message, count));
  };
  return new Proxy(ch, {
    get: (target, name) => {
      if (name === "send") return send;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Runs shards in this thread; what goes over one lane is edited as above. */
export function cheatingShards(shard: number, edit: Edit): ShardRunner {
  return {
    width: 2,
    start() {},
    async run(task, lane, enter, keep) {
      const { shard: own, role } = task.numbers;
      const ch = openChannel(withHead(lane, own), role);
      try {
        const table = await runShard(own === shard ? edited(ch, edit) : ch, shardContext(task), enter);
        return { table, transcript: ch.transcript(), stages: [] };
      } finally {
        keep(ch.messages);
        await lane.close();
      }
    },
  };
}

/** Flips a bit of the first message of a type. */
export const flipping =
  (type: MessageType, field: string): Edit =>
  (message, count) => {
    if (message.type !== type || count > 0) return message;
    const bytes = new Uint8Array((message as unknown as Record<string, Uint8Array>)[field]!);
    bytes[bytes.length >> 1]! ^= 1;
    return { ...message, [field]: bytes };
  };

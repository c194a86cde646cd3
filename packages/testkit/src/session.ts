// Both sides of a session in one process: the session that nodes run, over frames in memory, with sites that accept
// everything, test keys, and seeded randomness where a test asks for it.
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { rmSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  allNumbers,
  allRows,
  heldRows,
  RecordStore,
  systemRng,
  type ByteRows,
  type GroupPool,
  type Rng,
  type RowSource,
} from "@halfroom/crypto";
import { derivePublicKey, generateKey } from "@halfroom/match";
import {
  heldReceiver,
  heldSender,
  prepareReceiver,
  prepareSender,
  type Clipped,
  type HeldReceiver,
  type HeldSender,
  type PreparedReceiver,
  type PreparedSender,
} from "@halfroom/prepare";
import type { ReleasedReport } from "@halfroom/report";
import {
  decodeTerms,
  encodedItems,
  otherRole,
  propose,
  PROTOCOL,
  runSession,
  sessionDataOf,
  sendAnswer,
  SessionLink,
  SHARD_PEOPLE_MAX,
  shardsHere,
  signerOf,
  StageMeter,
  VERSIONS,
  type Epoch,
  type Observer,
  type PseudonymKeys,
  type PseudonymStore,
  type Receipt,
  type Role,
  type HeldData,
  type HeldItems,
  type ShardRunner,
  type SignedAgreement,
  type Site,
  type Terms,
} from "@halfroom/session";
import { openChannel, type Frames, type OpenChannel } from "@halfroom/wire";
import { memoryFrames } from "./frames.ts";
import { memoryPseudonyms } from "./pseudonyms.ts";
import { seededRng } from "./rng.ts";
import { plainTable, type PlainTable } from "./plain-table.ts";

/** A partner that waits for another thread of this machine is not silent. */
const PATIENT_MS = 60_000;
const EPOCH_ENDS_AT = Date.UTC(2100, 0, 1);
const PROPOSAL_BYTES = 16;

interface Identified extends HeldItems {
  readonly identifiers: RowSource & ByteRows;
}

/** All of it in memory, for more than one session, and for tests to look at. */
export async function inMemory(
  prepared: Promise<PreparedSender & Clipped>,
): Promise<HeldSender & Identified & Clipped>;
export async function inMemory(prepared: Promise<PreparedReceiver>): Promise<HeldReceiver & Identified>;
export async function inMemory(
  prepared: Promise<PreparedSender | PreparedReceiver>,
): Promise<(HeldSender | HeldReceiver) & Identified> {
  const all = await prepared;
  const held = "partitions" in all ? await heldReceiver(all) : await heldSender(all);
  const identifiers = heldRows(await allRows(all.identifiers));
  const items = all.items && (await allNumbers(all.items));
  const clipped = "clipped" in all && { clipped: all.clipped };
  return { ...held, ...clipped, items, identifiers };
}

export interface PreparedPair {
  readonly sender: HeldSender & Identified;
  readonly receiver: HeldReceiver & Identified;
}

/** The terms of an exact report of people and sums, matched by e-mail address, which the sender proposes. */
export function exactSums(
  asked: { readonly groupBy: readonly string[]; readonly measures: readonly PlainMeasure[] } & Pick<
    Terms,
    "threshold" | "otK"
  >,
): Terms {
  const { measures, groupBy, threshold, otK } = asked;
  return {
    protocol: PROTOCOL,
    initiator: "sender",
    datasets: { sender: "conversions", receiver: "exposures" },
    report: "sums",
    match: [{ key: "email", label: "email/iab-1" }],
    measures: measures.map((measure) => ({ squares: false, ...measure })),
    senderGroupBy: [],
    partitions: [groupBy],
    entriesMax: 1,
    events: undefined,
    arms: undefined,
    threshold,
    release: { mode: "exact" },
    totals: false,
    rules: "standard",
    resultTo: "both",
    otK,
    shardPeople: SHARD_PEOPLE_MAX,
    replay: false,
  };
}

type PlainMeasure = Omit<Terms["measures"][number], "squares"> & { readonly squares?: boolean };

/** Writes both texts to files of their own in a folder that lives as long as `use` runs. */
export async function withCsvFiles<T>(
  texts: { readonly senderCsv: string; readonly receiverCsv: string },
  use: (files: { readonly sender: string; readonly receiver: string }) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-session-"));
  try {
    const files = { sender: join(folder, "sender.csv"), receiver: join(folder, "receiver.csv") };
    writeFileSync(files.sender, texts.senderCsv);
    writeFileSync(files.receiver, texts.receiverCsv);
    return await use(files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The real prepare step on both files. */
export async function preparePair(
  files: { readonly sender: string; readonly receiver: string },
  { measures, partitions }: Pick<Terms, "measures" | "partitions">,
): Promise<PreparedPair> {
  const [sender, receiver] = await Promise.all([
    inMemory(prepareSender(files.sender, { scratch: tmpdir(), match: "email", measures })),
    inMemory(
      prepareReceiver(files.receiver, { scratch: tmpdir(), match: "email", groupBy: partitions[0] ?? [] }),
    ),
  ]);
  return { sender, receiver };
}

export interface SessionSetup {
  readonly data: PreparedPair;
  readonly terms: Terms;
  readonly pool: GroupPool;
  /** Each role's randomness follows from it and the role; without it, randomness is the operating system's. */
  readonly seed?: string;
  /** Whether the session begins with proposal and answer; otherwise both have already accepted the terms. */
  readonly proposed?: boolean;
  /** Where shards run; by default in this thread. */
  readonly runnerOf?: (role: Role) => ShardRunner;
  readonly observerOf?: (role: Role) => Observer;
  /** Where a role keeps pseudonyms; by default it has none yet. */
  readonly storeOf?: (role: Role) => PseudonymStore;
  /** Where a role keeps what it holds of everybody; by default in memory. */
  readonly scratchOf?: (role: Role) => RecordStore;
  /** What a role's site decides differently. */
  readonly siteOf?: (role: Role) => Partial<Site>;
  /** What a role rounds its people up to; by default it states their true number. */
  readonly roundPeopleTo?: Partial<Readonly<Record<Role, number>>>;
  /** How long a side waits for a silent partner. */
  readonly idleMs?: number;
  /** What goes between a role and its partner: a recorder, a fault. */
  readonly wrap?: (frames: Frames, role: Role) => Frames;
  /** What a role's protocol code talks over, in place of its channel of the stages: so both transcripts hold what a lie makes of a message. */
  readonly channelOf?: (ch: OpenChannel, role: Role) => OpenChannel;
}

export interface SessionResult {
  readonly signed: SignedAgreement;
  /** Undefined on a side that gets no result. */
  readonly report: ReleasedReport | undefined;
  readonly receipt: Receipt;
  /** Opens the receipt's commitment to the report; undefined without a result. */
  readonly reportNonce: Uint8Array | undefined;
}

/** How one role ended: with its result, or with what it threw. */
export type Ending = { readonly result: SessionResult } | { readonly error: unknown };

/** Runs both roles against each other to their ends; never rejects. */
export async function runPair(setup: SessionSetup): Promise<Readonly<Record<Role, Ending>>> {
  const { idleMs = PATIENT_MS, wrap = (frames) => frames } = setup;
  const [left, right] = memoryFrames({ idleMs });
  const [sender, receiver] = await Promise.all([
    runRole(setup, "sender", wrap(left, "sender")),
    runRole(setup, "receiver", wrap(right, "receiver")),
  ]);
  return { sender, receiver };
}

/** Runs one role over `frames` to its end; never rejects. */
export async function runRole(
  setup: Omit<SessionSetup, "wrap" | "idleMs">,
  role: Role,
  frames: Frames,
): Promise<Ending> {
  const { pool, terms } = setup;
  const rng = setup.seed === undefined ? systemRng : seededRng(`${setup.seed}/${role}`);
  const initiates = terms.initiator === role;
  const talk = openChannel(frames, initiates ? "sender" : "receiver");
  const link = new WrappedLink(frames, talk, (ch) => setup.channelOf?.(ch, role) ?? ch);
  try {
    if (setup.proposed === true) {
      if (initiates) await propose(talk, rng.fork("proposal").bytes(PROPOSAL_BYTES), terms, () => {});
      else await acceptProposal(talk);
    }
    const outcome = await runSession(link, {
      terms,
      data: await sessionDataOf(sessionData(setup.data[role], role), terms),
      roundPeopleTo: setup.roundPeopleTo?.[role] ?? 1,
      takeIdentifiers: () => encodedItems(setup.data[role]),
      keys: freshKeys(role, pool, rng, setup.storeOf?.(role)),
      scratch: setup.scratchOf?.(role) ?? new RecordStore(),
      site: { ...acceptingSite(role), ...setup.siteOf?.(role) },
      pool,
      runner: setup.runnerOf?.(role) ?? shardsHere,
      rng,
      meter: new StageMeter(setup.observerOf?.(role)),
    });
    await link.close();
    if (outcome.stored !== undefined) throw new Error("a stored report was served although there is none");
    return { result: outcome };
  } catch (error) {
    await link.abort(error);
    return { error };
  }
}

class WrappedLink extends SessionLink {
  readonly #wrap: (ch: OpenChannel) => OpenChannel;
  #wrapped: OpenChannel | undefined;

  constructor(frames: Frames, talk: OpenChannel, wrap: (ch: OpenChannel) => OpenChannel) {
    super(frames, talk);
    this.#wrap = wrap;
  }

  override begin(role: Role): OpenChannel {
    this.#wrapped = this.#wrap(super.begin(role));
    return this.#wrapped;
  }

  override get channel(): OpenChannel {
    return this.#wrapped ?? super.channel;
  }
}

async function acceptProposal(talk: ReturnType<typeof openChannel>): Promise<void> {
  const asked = await talk.recv("propose");
  await sendAnswer(talk, { decision: "accept", terms: decodeTerms(asked.terms), reasons: [], peopleMin: 1 });
}

/** The result of a role that succeeded, with the plain table of a simple report; otherwise throws its error. */
export function resultOf(
  ending: Ending,
): SessionResult & { readonly session: Uint8Array; readonly table: PlainTable } {
  if ("error" in ending) throw ending.error;
  const { result } = ending;
  return { ...result, session: result.signed.agreement.session, table: plainTable(result.report!) };
}

/** A role's data, without its identifiers. */
export function sessionData(prepared: PreparedPair[Role], role: Role): HeldData {
  const { identifiers: _, items: __, ...people } = prepared;
  const { rows, filtered, merged, dropped, examples } = prepared;
  const counts = { rows, people: prepared.people, filtered, merged, dropped, examples };
  return { role, people, counts, digest: prepared.digest } as HeldData;
}

/** The sender's key follows from its randomness; stores begin empty. */
export function freshKeys(
  role: Role,
  pool: GroupPool,
  rng: Rng,
  store: PseudonymStore = memoryPseudonyms(),
): PseudonymKeys {
  if (role === "receiver") return { role, open: () => store };
  return { role, epoch: freshEpoch(pool, rng), store };
}

function freshEpoch({ kernel }: GroupPool, rng: Rng): Epoch {
  const secretKey = generateKey(kernel, rng.fork("oprf-key"));
  return { number: 1, secretKey, publicKey: derivePublicKey(kernel, secretKey), endsAt: EPOCH_ENDS_AT };
}

/** What the clocks of both sides say. */
const STATED_AT = Date.UTC(2026, 5, 3, 12, 0);

/** Accepts every agreement and keeps nothing; both roles' keys are fixed. */
export function acceptingSite(role: Role): Site {
  const { privateKey, signingKey } = testIdentity(role);
  return {
    sign: signerOf(privateKey),
    signingKey,
    partnerKey: testIdentity(otherRole(role)).signingKey,
    versions: VERSIONS,
    filter: "",
    stored: [],
    last: undefined,
    now: () => STATED_AT,
    accept: () => {},
    takeUp: () => {},
    takeBudget: () => {},
    keepUnsigned: () => {},
    settle: () => {},
  };
}

/** The head of an Ed25519 private key in PKCS #8, before its 32 bytes (RFC 8410). */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** An Ed25519 key pair that follows from a name. */
export function testIdentity(name: string): {
  readonly privateKey: KeyObject;
  readonly signingKey: Uint8Array;
} {
  const seed = seededRng(`testkit/identity/${name}`).bytes(32);
  const key = Buffer.concat([ED25519_PKCS8, seed]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { privateKey, signingKey: new Uint8Array(spki.subarray(-32)) };
}

// Streams of shards' own that end in this process (protocol-spec.md, sections 6.6 and 11.0): it makes a certificate for each, says where it is, and
// dials the partner or is dialled. A leader does so for the shards that it computes itself, a worker for its own.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { LostShard, toHex, type OwnStream, type ShardRunner } from "@halfroom/session";
import { dialStream, StreamFrames, type StreamNames, type StreamPort } from "@halfroom/transport";
import { detached, guarded, ignored, STREAM_NAME_BYTES } from "@halfroom/wire";
import { codeOf } from "../errors.ts";
import { makeCertificate, type OwnCertificate } from "./certificate.ts";

type Socket = ConstructorParameters<typeof StreamFrames>[0];

/** How a partner that was told everything may still take to come. */
const COME_MS = 30_000;
/** Streams of a session that could not be opened: after so many none is tried any more. */
const FAILURES_MAX = 2;

/** Where a process is dialled: names that its front lets in, and where they end. */
export interface StreamFront {
  readonly names: StreamNames;
  readonly port: StreamPort;
}

/** How the partner is dialled. */
export interface StreamWay {
  /** HOST:PORT of the partner. */
  readonly address: string;
  /** HOST:PORT of a machine of this side that passes the connection on there; undefined to dial the partner itself. */
  readonly via?: string | undefined;
  readonly proxy?: URL | undefined;
}

/** Which side dials is the session's: who proposed it. */
export type StreamRoute = { readonly front: StreamFront } | { readonly way: StreamWay };

/** Those of one session, or of a worker. */
export class SessionStreams {
  readonly route: StreamRoute;
  readonly #onTrouble: (words: string) => void;
  #failures = 0;

  constructor(route: StreamRoute, onTrouble: (words: string) => void) {
    this.route = route;
    this.#onTrouble = onTrouble;
  }

  /** A runner of the shards of a session, which runs those with streams of their own over these. */
  runner(local: ShardRunner): ShardRunner {
    const runApart: ShardRunner["runApart"] = (...args) => this.runHere(local, ...args);
    return {
      get width() {
        return local.width;
      },
      start: () => local.start(),
      run: (...args) => local.run(...args),
      runApart,
    };
  }

  async runHere(
    local: ShardRunner,
    ...[task, stream, enter, keep]: Parameters<NonNullable<ShardRunner["runApart"]>>
  ): ReturnType<ShardRunner["run"]> {
    const frames = await this.open(stream);
    try {
      return await local.run(task, frames, enter, keep);
    } catch (cause) {
      if (stream.over.aborted) throw new LostShard("the attempt was given up", { cause });
      if (frames.isLost) throw this.lost("the partner's end of a shard's stream was lost");
      throw cause;
    }
  }

  /** Errors: LostShard, if streams of the session have failed to open, so that another would fail as well. */
  assertHope(): void {
    if (this.#failures >= FAILURES_MAX)
      throw new LostShard("no stream of a shard's own can be opened to the partner");
  }

  /** A stream could not be opened. */
  unopened(why: string): LostShard {
    this.#failures++;
    return this.lost(`a shard's own stream to the partner could not be opened: ${why}`);
  }

  lost(words: string): LostShard {
    this.#onTrouble(`${words}; the shard is computed again, over the session's connections`);
    return new LostShard(words);
  }

  /** The stream, which ends with the attempt. Errors: LostShard. */
  async open(stream: OwnStream): Promise<StreamFrames> {
    this.assertHope();
    const own = await makeCertificate("halfroom stream");
    let socket: Socket;
    try {
      socket =
        "way" in this.route
          ? await dialled(stream, own, this.route.way)
          : await met(stream, own, this.route.front);
    } catch (error) {
      if (error instanceof LostShard) throw error;
      throw this.unopened(wordsOf(error));
    }
    const frames = new StreamFrames(socket, stream.lane);
    const drop = guarded(() => frames.drop(), ignored);
    if (stream.over.aborted) drop();
    stream.over.addEventListener("abort", drop);
    return frames;
  }
}

async function dialled(
  stream: OwnStream,
  { identity, fingerprint }: OwnCertificate,
  way: StreamWay,
): Promise<Socket> {
  await stream.tell({ name: undefined, fingerprint });
  const partner = await stream.partners;
  return await dialStream({
    ...way,
    identity,
    name: toHex(partner.name!),
    fingerprint: toHex(partner.fingerprint),
  });
}

async function met(
  stream: OwnStream,
  { identity, fingerprint }: OwnCertificate,
  { names, port }: StreamFront,
): Promise<Socket> {
  const name = new Uint8Array(randomBytes(STREAM_NAME_BYTES));
  const pinned = stream.partners.then((partner) => toHex(partner.fingerprint));
  pinned.catch(() => {});
  const awaited = port.expect(toHex(name), identity, pinned);
  const remove = names.add(toHex(name), { take: (socket) => port.accept(toHex(name), socket) });
  try {
    if (remove === false) throw new Error("too many are awaited at a time");
    await stream.tell({ name, fingerprint });
    await pinned;
    return await inTime(awaited.stream, stream.over);
  } finally {
    if (remove !== false) remove();
    awaited.giveUp();
  }
}

/** Errors: LostShard once the attempt is over; Error if nobody comes. */
async function inTime(coming: Promise<Socket>, over: AbortSignal): Promise<Socket> {
  let isInVain = false;
  detached(async () => {
    const socket = await coming;
    if (isInVain) socket.terminate();
  }, ignored);
  const waited = new AbortController();
  const inVain = async (): Promise<never> => {
    await pause(COME_MS, undefined, { signal: AbortSignal.any([waited.signal, over]) }).catch(ignored);
    isInVain = !waited.signal.aborted;
    throw over.aborted ? new LostShard("the attempt was given up") : new Error("the partner did not come");
  };
  try {
    return await Promise.race([coming, inVain()]);
  } finally {
    waited.abort();
  }
}

/** Words of this program's own, and of others the code alone. */
function wordsOf(error: unknown): string {
  const isOwn = error instanceof Error && !("code" in error && "syscall" in error);
  return isOwn ? error.message : codeOf(error);
}

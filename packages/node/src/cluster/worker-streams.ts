// Streams of shards' own that end at a worker: what it says of its end goes to its leader, which tells the partner's; and if the partner is to
// dial it, it listens.
import { once } from "node:events";
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from "node:net";
import { LostShard, toHex, type OwnStream, type StreamEnd as End } from "@halfroom/session";
import { splitAddress, StreamNames, StreamPort, type StreamFrames } from "@halfroom/transport";
import { detached, guarded, ignored } from "@halfroom/wire";
import { OperatorError } from "../errors.ts";
import { proxyFor } from "../partners/proxy.ts";
import { admitStream } from "../streams/front.ts";
import { SessionStreams, type StreamFront } from "../streams/session-streams.ts";
import type { ApartInput } from "./shard-jobs.ts";
import type { Stream } from "./stream.ts";

/** Connections at a time; each shard that is computed has one. */
const CONNECTIONS_MAX = 1024;

export interface WorkerStreamsOptions {
  /** HOST:PORT where partners' streams arrive; empty: a free port of `own`. */
  readonly listen: string;
  /** HOST:PORT at which gateways and leader reach it; empty: what it listens on. */
  readonly address: string;
  /** As the setting of nodes. */
  readonly proxy: string;
  /** The address from which Redis is reached, once it is. */
  readonly own: () => string;
}

export class WorkerStreams {
  readonly #options: WorkerStreamsOptions;
  readonly #onTrouble: (words: string) => void;
  readonly #front: StreamFront = { names: new StreamNames(), port: new StreamPort() };
  readonly #sockets = new Set<Socket>();
  readonly #finishing = new Set<StreamFrames>();
  #listening: Promise<Server> | undefined;

  constructor(options: WorkerStreamsOptions, onTrouble: (words: string) => void) {
    this.#options = options;
    this.#onTrouble = onTrouble;
  }

  /** Listens at once where a setting says on what, so that a wrong one is told at the start; else with the first stream. Errors: `listen`. */
  async open(): Promise<void> {
    if (this.#options.listen !== "") await this.#listen();
  }

  /** What brings about the stream of a job; `leader`: HOST:PORT of its door. */
  async of(apart: ApartInput, leader: string): Promise<{ streams: SessionStreams; address: string }> {
    if (!apart.dials) {
      const address = this.#addressOf(await this.#listen());
      return { streams: new SessionStreams({ front: this.#front }, this.#onTrouble), address };
    }
    const { partner: address, by } = apart;
    const way =
      by === "leader"
        ? { address, via: leader }
        : { address, proxy: proxyFor({ proxy: this.#options.proxy }, address) };
    return { streams: new SessionStreams({ way }, this.#onTrouble), address: "" };
  }

  /** A shard is done: its stream ends once the partner has all of it, whatever becomes of the one to the leader. */
  letFinish(told: ToldStream, frames: StreamFrames): void {
    told.settle();
    this.#finishing.add(frames);
    detached(async () => {
      await frames.gone;
      this.#finishing.delete(frames);
    }, ignored);
  }

  /** Once partners have all that they are to have. */
  async close(): Promise<void> {
    await Promise.all([...this.#finishing].map(({ gone }) => gone));
    detached(async () => (await this.#listening)?.close(), ignored);
    for (const socket of this.#sockets) socket.destroy();
  }

  #listen(): Promise<Server> {
    this.#listening ??= this.#begin();
    // Another may do later.
    this.#listening.catch(() => (this.#listening = undefined));
    return this.#listening;
  }

  async #begin(): Promise<Server> {
    const listen = this.#options.listen || hostAndPort(this.#options.own(), 0);
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    server.maxConnections = CONNECTIONS_MAX;
    const arrived = (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      admitStream(socket, { names: this.#front.names });
    };
    server.on(
      "connection",
      guarded(arrived, (_error, socket) => void socket.destroy()),
    );
    const { host, port } = splitAddress(listen);
    server.listen(port, host);
    try {
      await once(server, "listening");
    } catch (cause) {
      const words = `Cannot listen for streams of partners on ${listen}; choose another HALFROOM_LISTEN.`;
      throw new OperatorError("listen", words, { cause });
    }
    server.on("error", () => {});
    return server;
  }

  #addressOf(server: Server): string {
    const { address, port } = server.address() as AddressInfo;
    const isAny = address === "::" || address === "0.0.0.0";
    return this.#options.address || hostAndPort(isAny ? this.#options.own() : address, port);
  }
}

function hostAndPort(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The stream of a shard, of which both ends are told over the stream to the leader. It is over once that is. */
export class ToldStream implements OwnStream {
  readonly lane: number;
  readonly dials: boolean;
  readonly partners: Promise<End>;
  readonly over: AbortSignal;
  readonly #leader: Stream;
  readonly #address: string;
  #isSettled = false;

  /** `address`: HOST:PORT at which this worker is dialled; none of one that dials. */
  constructor(leader: Stream, lane: number, { dials }: ApartInput, address: string) {
    this.lane = lane;
    this.dials = dials;
    this.#leader = leader;
    this.#address = address;
    const over = new AbortController();
    this.over = over.signal;
    this.partners = new Promise((resolve, reject) => {
      const listen = async () => {
        for (;;) {
          const message = await leader.recv();
          if (!("partner" in message))
            throw new Error("a leader tells a worker where its partner is, and nothing else");
          const { name, fingerprint } = message.partner;
          resolve({
            name: name === undefined ? undefined : fromHex(name),
            fingerprint: fromHex(fingerprint),
          });
        }
      };
      detached(listen, () => {
        reject(new LostShard("the leader gave the attempt up"));
        if (!this.#isSettled) over.abort();
      });
    });
    this.partners.catch(() => {});
  }

  /** The attempt is done, and so not over when the leader closes. */
  settle(): void {
    this.#isSettled = true;
  }

  async tell({ name, fingerprint }: End): Promise<void> {
    const own = toHex(fingerprint);
    if (this.dials) await this.#leader.sendDials(own);
    else await this.#leader.sendListens({ name: toHex(name!), fingerprint: own, address: this.#address });
  }
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

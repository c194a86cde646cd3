// A leader's part in a shard whose worker has a stream of its own to the partner: it tells each of the two ends where the other is, and passes
// no frame on. Where there is no other way it passes the connection on, as it is.
import { toHex, type EnterStage, type OwnStream } from "@halfroom/session";
import { openTo, passOn, openTunnel } from "@halfroom/transport";
import { detached, guarded, ignored, ProtocolError } from "@halfroom/wire";
import type { Socket } from "node:net";
import type { StreamRoute, StreamWay } from "../streams/session-streams.ts";
import type { Cluster } from "./cluster.ts";
import { StreamEnd, type ListeningEnd, type Stream, type StreamMessage } from "./stream.ts";

/** Of a proxy, to open a way to the partner. */
const TUNNEL_MS = 10_000;

export class ApartRelay {
  /** How the worker's part ended, if it did not give a result. */
  ended: Extract<StreamMessage, { end: unknown }>["end"] | undefined;
  readonly #worker: Stream;
  readonly #own: OwnStream;
  readonly #route: StreamRoute;
  readonly #cluster: Cluster;
  #forget: () => void = () => {};

  constructor(worker: Stream, own: OwnStream, route: StreamRoute, cluster: Cluster) {
    this.#worker = worker;
    this.#own = own;
    this.#route = route;
    this.#cluster = cluster;
    const over = guarded(() => worker.close(), ignored);
    if (own.over.aborted) over();
    own.over.addEventListener("abort", over);
  }

  /** Errors: StreamEnd, and then `ended` may say how; ProtocolError with the code that the worker tells. */
  async untilResult(enter: EnterStage): Promise<void> {
    for (;;) {
      const message = await this.#worker.recv();
      if ("stage" in message) enter(message.stage);
      else if ("listens" in message) await this.#listens(message.listens);
      else if ("dials" in message) await this.#dials(message.dials.fingerprint);
      else if ("failed" in message) throw new ProtocolError(message.failed);
      else if ("end" in message && message.end === "result") return;
      else {
        this.ended = "end" in message ? message.end : undefined;
        throw new StreamEnd();
      }
    }
  }

  /** The name leads nowhere from now on. */
  close(): void {
    this.#forget();
  }

  async #listens({ name, fingerprint, address }: ListeningEnd): Promise<void> {
    if (!("front" in this.#route)) throw new StreamEnd();
    const take = (socket: Socket) => this.#passOn(socket, openTo(address), "worker");
    const forget = this.#route.front.names.add(name, { address, take });
    if (forget === false) throw new StreamEnd();
    this.#forget = forget;
    await this.#own.tell({ name: fromHex(name), fingerprint: fromHex(fingerprint) });
    this.#tellPartner(undefined);
  }

  async #dials(fingerprint: string): Promise<void> {
    if (!("way" in this.#route)) throw new StreamEnd();
    await this.#own.tell({ name: undefined, fingerprint: fromHex(fingerprint) });
    this.#tellPartner(this.#route.way);
  }

  /** Tells the worker where the partner's end is, once that is known. */
  #tellPartner(way: StreamWay | undefined): void {
    const tell = async () => {
      const { name, fingerprint } = await this.#own.partners;
      const dialled = name && toHex(name);
      if (way !== undefined && this.#cluster.workersDial === "leader") this.#awaitWorker(dialled!, way);
      await this.#worker.sendPartner({ fingerprint: toHex(fingerprint), name: dialled });
    };
    detached(tell, () => this.#worker.close());
  }

  /** The worker brings its connection to the partner here. */
  #awaitWorker(name: string, way: StreamWay): void {
    const take = (socket: Socket) =>
      detached(
        async () => this.#passOn(socket, await openWay(way), "partner"),
        () => void socket.destroy(),
      );
    const forget = this.#cluster.door.outward.add(name, { take });
    if (forget === false) throw new StreamEnd();
    this.#forget = forget;
  }

  #passOn(from: Socket, to: Socket, whither: "worker" | "partner"): void {
    const { watch } = this.#cluster;
    const back = whither === "worker" ? "partner" : "worker";
    passOn(from, to, (passed) => {
      watch?.passed(whither, "tcp", passed.there);
      watch?.passed(back, "tcp", passed.back);
    });
  }
}

async function openWay({ address, proxy }: StreamWay): Promise<Socket> {
  if (proxy === undefined) return openTo(address);
  const socket = await openTunnel(proxy, address, AbortSignal.timeout(TUNNEL_MS));
  socket.on("error", () => {});
  return socket;
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

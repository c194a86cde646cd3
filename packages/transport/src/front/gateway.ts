// A gateway: takes connections in front of a leader and passes on those that begin as a partner's, with the address of the caller before the
// first byte, and streams of shards to the workers that await them, of which it asks the leader. It ends no TLS and holds no key: what goes through it is read by the leader and its partner alone.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { detached, guarded, ignored, ProtocolError } from "@halfroom/wire";
import { splitAddress } from "../address.ts";
import { Door, type TurnedAway } from "../door/door.ts";
import { lookUntil } from "../first-bytes.ts";
import type { DoorLimits } from "../door/limits.ts";
import { askCaller, type IsInFront } from "./caller-of.ts";
import { helloOf, type Hello } from "./hello.ts";
import { openTo, passOn } from "./pass-on.ts";
import { proxyHeader } from "./proxy-header.ts";
import { STREAM_NAMES_MAX } from "./stream-names.ts";

/** How often it is asked whether it is there. */
const CHECK_MS = 5000;
/** Longer than any answer to the question where a stream leads. */
const PLACE_BYTES_MAX = 300;
/** Sockets beside those of the door, for the moment in which it drops one. */
const SPARE_SOCKETS = 16;

export interface GatewayOptions {
  /** HOST:PORT; port 0 picks a free one. */
  readonly listen: string;
  /** HOST:PORT of the leader, for which this machine is one in front. */
  readonly leader: string;
  readonly door: DoorLimits;
  /** Machines in front of this one, such as a balancer, that pass TCP on with a PROXY header. */
  readonly isInFront: IsInFront;
  readonly onTurnedAway: (why: TurnedAway) => void;
  /** Called whenever the leader was there and is not, and the other way round. */
  readonly onLeader: (isThere: boolean) => void;
  /** Called when a connection could not be accepted; the gateway goes on. */
  readonly onFault: (error: Error) => void;
}

export interface GatewayTraffic {
  /** Connections that are passed on now. */
  readonly connections: number;
  /** All that went from callers to the leader, and back. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Gateway {
  /** HOST:PORT. */
  readonly address: string;
  readonly isLeaderThere: boolean;
  readonly traffic: GatewayTraffic;
  /** Ends all connections: partners come back to another gateway, or to this one once it is there again. */
  close(): void;
}

/** Throws ProtocolError `closed` if the address cannot be taken. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { host, port } = splitAddress(options.listen);
  const door = new Door(options.door, options.onTurnedAway);
  const passage = new Passage(options);
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.maxConnections = door.socketsMax + STREAM_NAMES_MAX + SPARE_SOCKETS;
  const sockets = new Set<Socket>();
  const arrived = (socket: Socket) => {
    socket.on("error", () => {});
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    askCaller(socket, options.isInFront, options.door.handshakeMs, {
      known: (caller) => letIn(socket, caller, door, passage),
      unknown: () => options.onTurnedAway("no-caller"),
    });
  };
  server.on(
    "connection",
    guarded(arrived, (_error, socket) => void socket.destroy()),
  );
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new ProtocolError("closed", `cannot listen on ${options.listen}`, { cause });
  }
  server.on("error", guarded(options.onFault, ignored));
  await passage.check();
  const checking = setInterval(
    guarded(() => detached(() => passage.check(), ignored), ignored),
    CHECK_MS,
  );
  const { family, address, port: taken } = server.address() as AddressInfo;
  return {
    address: `${family === "IPv6" ? `[${address}]` : address}:${taken}`,
    get isLeaderThere() {
      return passage.isLeaderThere;
    },
    get traffic() {
      return passage.traffic;
    },
    close() {
      clearInterval(checking);
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function letIn(socket: Socket, caller: string, door: Door, passage: Passage): void {
  if (!door.enter(socket, caller)) return;
  const look = (bytes: Buffer) => {
    const found = helloOf(bytes);
    return found === undefined ? undefined : { found, taken: 0 };
  };
  lookUntil<Hello>(socket, look, (hello) => {
    if (typeof hello === "object") {
      const failed = () => void socket.destroy();
      return detached(() => letStreamIn(socket, { caller, stream: hello.stream }, door, passage), failed);
    }
    if (hello !== "partner") return door.refuse(socket, hello);
    if (door.pass(socket)) passage.take(socket, caller);
  });
}

async function letStreamIn(
  socket: Socket,
  { caller, stream }: { readonly caller: string; readonly stream: string },
  door: Door,
  passage: Passage,
): Promise<void> {
  const place = await passage.placeOf(stream);
  if (place === undefined) return door.refuse(socket, "unknown-stream");
  if (!door.release(socket)) return;
  if (place === "here") passage.take(socket, caller);
  else passage.takeTo(socket, place);
}

/** The way from here to the leader, and to workers that it names. */
class Passage {
  readonly #leader: string;
  readonly #onLeader: (isThere: boolean) => void;
  readonly #open = new Set<Socket>();
  #isLeaderThere = true;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor({ leader, onLeader }: GatewayOptions) {
    this.#leader = leader;
    this.#onLeader = guarded(onLeader, ignored);
  }

  get isLeaderThere(): boolean {
    return this.#isLeaderThere;
  }

  get traffic(): GatewayTraffic {
    let [bytesIn, bytesOut] = [this.#bytesIn, this.#bytesOut];
    for (const { bytesRead, bytesWritten } of this.#open) {
      bytesIn += bytesRead;
      bytesOut += bytesWritten;
    }
    return { connections: this.#open.size, bytesIn, bytesOut };
  }

  /** Passes a connection on to the leader, in both directions, until either side has ended it. */
  take(socket: Socket, caller: string): void {
    const leader = this.#dial();
    leader.write(proxyHeader({ address: caller }));
    this.#pass(socket, leader);
  }

  /** Likewise to a worker, which needs to know of no caller. */
  takeTo(socket: Socket, address: string): void {
    this.#pass(socket, openTo(address));
  }

  /** Where a stream leads: HOST:PORT, or "here" for the leader; undefined if nobody awaits it, or the leader does not answer. */
  async placeOf(stream: string): Promise<string | undefined> {
    const leader = this.#dial();
    leader.end(proxyHeader({ stream }));
    let answer = "";
    const hear = (bytes: Buffer) => {
      answer += bytes.toString("latin1");
      if (answer.length > PLACE_BYTES_MAX) leader.destroy();
    };
    leader.on("data", guarded(hear, ignored));
    await once(leader, "close").catch(() => {});
    return /^(\S+)\n$/.exec(answer)?.[1];
  }

  /** Asks the leader whether it answers; never rejects. */
  async check(): Promise<void> {
    const leader = this.#dial();
    leader.end(proxyHeader("check"));
    leader.resume();
    await once(leader, "close").catch(() => {});
  }

  #pass(from: Socket, to: Socket): void {
    this.#open.add(from);
    passOn(from, to, ({ there, back }) => {
      this.#open.delete(from);
      this.#bytesIn += there;
      this.#bytesOut += back;
    });
  }

  #dial(): Socket {
    const leader = openTo(this.#leader);
    let isConnected = false;
    leader.once(
      "connect",
      guarded(() => {
        isConnected = true;
        this.#found(true);
      }, ignored),
    );
    leader.once(
      "close",
      guarded(() => {
        if (!isConnected) this.#found(false);
      }, ignored),
    );
    return leader;
  }

  #found(isThere: boolean): void {
    if (isThere === this.#isLeaderThere) return;
    this.#isLeaderThere = isThere;
    this.#onLeader(isThere);
  }
}

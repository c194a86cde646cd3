// A gateway: takes connections in front of a leader and passes on those that begin as a partner's, with the address of the caller before the
// first byte. It ends no TLS and holds no key: what goes through it is read by the leader and its partner alone.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { detached, guarded, ignored, ProtocolError } from "@halfroom/wire";
import { splitAddress } from "../address.ts";
import { Door, type TurnedAway } from "../door/door.ts";
import { lookUntil } from "../first-bytes.ts";
import type { DoorLimits } from "../door/limits.ts";
import { askCaller, type IsInFront } from "./caller-of.ts";
import { helloOf, type Hello } from "./hello.ts";
import { proxyHeader } from "./proxy-header.ts";

/** How long the leader may take to accept a connection. */
const CONNECT_MS = 5000;
/** How often it is asked whether it is there. */
const CHECK_MS = 5000;
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
  server.maxConnections = door.socketsMax + SPARE_SOCKETS;
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
    if (hello !== "partner") return door.refuse(socket, hello);
    if (door.pass(socket)) passage.take(socket, caller);
  });
}

/** The way from here to the leader. */
class Passage {
  readonly #leader: { readonly host: string; readonly port: number };
  readonly #onLeader: (isThere: boolean) => void;
  readonly #open = new Set<Socket>();
  #isLeaderThere = true;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor({ leader, onLeader }: GatewayOptions) {
    this.#leader = splitAddress(leader);
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

  /** Passes a connection on, in both directions, until either side has ended it. */
  take(socket: Socket, caller: string): void {
    this.#open.add(socket);
    const leader = this.#dial();
    leader.write(proxyHeader({ address: caller }));
    socket.pipe(leader).pipe(socket);
    // What is under way to the other side still gets there.
    socket.once(
      "close",
      guarded(() => leader.destroySoon(), ignored),
    );
    leader.once(
      "close",
      guarded(() => socket.destroySoon(), ignored),
    );
    socket.once(
      "close",
      guarded(() => this.#count(socket), ignored),
    );
  }

  /** Asks the leader whether it answers; never rejects. */
  async check(): Promise<void> {
    const leader = this.#dial();
    leader.end(proxyHeader("check"));
    leader.resume();
    await once(leader, "close").catch(() => {});
  }

  #count(socket: Socket): void {
    this.#open.delete(socket);
    this.#bytesIn += socket.bytesRead;
    this.#bytesOut += socket.bytesWritten;
  }

  #dial(): Socket {
    const leader = connect({ ...this.#leader, allowHalfOpen: true, noDelay: true });
    const timer = setTimeout(() => leader.destroy(), CONNECT_MS);
    let isConnected = false;
    leader.on("error", () => {});
    leader.once(
      "connect",
      guarded(() => {
        isConnected = true;
        clearTimeout(timer);
        this.#found(true);
      }, ignored),
    );
    leader.once(
      "close",
      guarded(() => {
        clearTimeout(timer);
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

// Streams of shards' own: who gets past the front by a name, who is at the other end, and what goes over one.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { connect as connectPlainTls } from "node:tls";
import { withHead } from "@halfroom/wire";
import { expect, onTestFinished, test } from "vitest";
import { helloOf } from "../src/front/hello.ts";
import {
  connectTls,
  DOOR_LIMITS,
  dialStream,
  listenTls,
  openGateway,
  openTo,
  passOn,
  PURPOSES,
  splitAddress,
  StreamFrames,
  StreamLost,
  StreamNames,
  StreamPort,
} from "../src/index.ts";
import { makeParty, type Party } from "./tls-fixtures.ts";

const NAME = "0123456789abcdef".repeat(2);
const OTHER = "fedcba9876543210".repeat(2);
const LANE = 258;
const PATIENT = { idleMs: 60_000, resumeMs: 0 };

interface End {
  readonly front: Party;
  readonly party: Party;
  readonly names: StreamNames;
  readonly port: StreamPort;
  readonly address: string;
  readonly turnedAway: string[];
}

/** The side that is dialled; `isBehind`: it believes machines in front. */
async function listening(isBehind = false): Promise<End> {
  const [front, party] = await Promise.all([makeParty("front"), makeParty("listener")]);
  const [names, port, turnedAway] = [new StreamNames(), new StreamPort(), [] as string[]];
  const listener = await listenTls({
    ...PATIENT,
    host: "127.0.0.1",
    port: 0,
    identity: front.identity,
    streams: names,
    isInFront: () => isBehind,
    admit: () => false,
    meet: () => {},
    onTurnedAway: (why) => turnedAway.push(why),
  });
  onTestFinished(async () => {
    await listener.close();
    listener.dropAll();
  });
  return { front, party, names, port, address: listener.address, turnedAway };
}

/** Awaits one under a name from the party with this fingerprint, whose connection ends in this process. */
function awaitStream({ names, port, party }: End, name: string, fingerprint: string) {
  const { stream } = port.expect(name, party.identity, Promise.resolve(fingerprint));
  names.add(name, { take: (socket) => port.accept(name, socket) });
  return stream;
}

const dial = ({ party }: Pick<End, "party">, address: string, by: Party, name = NAME) =>
  dialStream({ address, identity: by.identity, name, fingerprint: party.fingerprint });

async function gateway(leader: string) {
  const turnedAway: string[] = [];
  const opened = await openGateway({
    listen: "127.0.0.1:0",
    leader,
    door: DOOR_LIMITS,
    isInFront: () => false,
    onTurnedAway: (why) => turnedAway.push(why),
    onLeader: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  onTestFinished(() => opened.close());
  return { opened, turnedAway };
}

test("frames go both ways, each with its lane's head, until a side has nothing more to say", async () => {
  const [end, caller] = [await listening(), await makeParty("caller")];
  const coming = awaitStream(end, NAME, caller.fingerprint);
  const called = new StreamFrames(await dial(end, end.address, caller), LANE);
  const met = new StreamFrames(await coming, LANE);
  const [one, two] = [withHead(called, LANE), withHead(met, LANE)];
  const long = new Uint8Array(500_000).fill(7);
  // More than either end keeps, so that one waits for the other.
  const sending = (async () => {
    for (let i = 0; i < 40; i++) await one.send(long);
  })();
  await two.send(Uint8Array.of(1, 2, 3));
  expect([...(await one.recv())]).toEqual([1, 2, 3]);
  for (let i = 0; i < 40; i++) expect((await two.recv()).length).toBe(long.length);
  await sending;
  await one.send(Uint8Array.of(4));
  await called.close();
  expect([...(await two.recv())]).toEqual([4]);
  expect([called.isLost, met.isLost]).toEqual([false, false]);
  await expect(two.recv()).rejects.toMatchObject({ code: "closed" });
  expect(met.isLost).toBe(true);
  await Promise.all([called.gone, met.gone]);
  expect(end.turnedAway).toEqual([]);
});

test("a name serves once, and one that nobody awaits does not serve at all", async () => {
  const [end, caller] = [await listening(), await makeParty("caller")];
  await expect(dial(end, end.address, caller)).rejects.toThrow(StreamLost);
  expect(end.turnedAway).toEqual(["unknown-stream"]);
  const coming = awaitStream(end, NAME, caller.fingerprint);
  await dial(end, end.address, caller);
  await coming;
  await expect(dial(end, end.address, caller)).rejects.toThrow(StreamLost);
  expect(end.turnedAway).toEqual(["unknown-stream", "unknown-stream"]);
  const gone = end.names.add(OTHER, { take: () => {} });
  if (gone === false) throw new Error("too many names");
  gone();
  await expect(dial(end, end.address, caller, OTHER)).rejects.toThrow(StreamLost);
  expect(end.turnedAway).toHaveLength(3);
});

test("a stranger who has the name, with another certificate or none, uses it up and hears nothing", async () => {
  const [end, caller, stranger] = [await listening(), await makeParty("caller"), await makeParty("stranger")];
  for (const [name, come] of [
    [NAME, () => dial(end, end.address, stranger)],
    [OTHER, () => withoutCertificate(end.address, OTHER)],
  ] as const) {
    const coming = awaitStream(end, name, caller.fingerprint);
    const refused = expect(coming).rejects.toThrow("another than the partner came");
    await expect(come()).rejects.toThrow();
    await refused;
    await expect(dial(end, end.address, caller, name)).rejects.toThrow(StreamLost);
  }
});

async function withoutCertificate(address: string, name: string): Promise<void> {
  const socket = connectPlainTls({
    ...splitAddress(address),
    servername: name,
    ALPNProtocols: [PURPOSES.stream],
    rejectUnauthorized: false,
  });
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "close");
  expect(socket.bytesRead).toBeGreaterThan(0);
  throw new Error("closed");
}

test("whoever answers under the name without the certificate is not spoken to", async () => {
  const [end, caller, other] = [await listening(), await makeParty("caller"), await makeParty("other")];
  const coming = awaitStream(end, NAME, caller.fingerprint);
  const told = { ...end, party: other };
  await expect(dial(told, end.address, caller)).rejects.toThrow("another than the partner answers");
  await expect(coming).rejects.toThrow(StreamLost);
});

test("a name is for its stream alone: not for a session, nor a session's connection for a stream", async () => {
  const [end, caller] = [await listening(), await makeParty("caller")];
  const { identity } = caller;
  const calling = {
    ...PATIENT,
    address: end.address,
    identity,
    fingerprint: end.front.fingerprint,
    waitMs: 5000,
  };
  await expect(connectTls({ ...calling, purpose: "session" })).rejects.toMatchObject({ code: "identity" });
  await expect(connectTls({ ...calling, purpose: "stream" })).rejects.toThrow();
});

test.each<[string, (frames: StreamFrames) => Promise<void>, string]>([
  ["another lane's head", (frames) => frames.send(Uint8Array.of(0xcd, 0, 1, 0x92)), "unexpected"],
  ["no head", (frames) => frames.send(Uint8Array.of(0x92, 0, 0)), "malformed"],
])("a frame with %s is an error of the session", async (_, send, code) => {
  const [end, caller] = [await listening(), await makeParty("caller")];
  const coming = awaitStream(end, NAME, caller.fingerprint);
  await send(new StreamFrames(await dial(end, end.address, caller), LANE));
  const met = new StreamFrames(await coming, LANE);
  await expect(met.recv()).rejects.toMatchObject({ code });
  expect(met.isLost).toBe(false);
});

test("a text is no frame, and what is cut is lost", async () => {
  const [end, caller] = [await listening(), await makeParty("caller")];
  const coming = awaitStream(end, NAME, caller.fingerprint);
  const ws = await dial(end, end.address, caller);
  const met = new StreamFrames(await coming, LANE);
  ws.send("taken 1");
  await expect(met.recv()).rejects.toMatchObject({ code: "malformed" });
  ws.terminate();
  await expect(met.recv()).rejects.toMatchObject({ code: "closed" });
  expect(met.isLost).toBe(true);
});

test("gateways bring a stream to the machine that their leader names, once, whichever it comes through", async () => {
  const [end, caller] = [await listening(true), await makeParty("caller")];
  // A worker on another machine, whose port nobody but gateways and leader reach.
  const worker = createServer({ allowHalfOpen: true }, (socket) => end.port.accept(NAME, socket)).listen(
    0,
    "127.0.0.1",
  );
  onTestFinished(() => void worker.close());
  await once(worker, "listening");
  const address = `127.0.0.1:${(worker.address() as { port: number }).port}`;
  let throughLeader = 0;
  const take = (socket: Socket) => {
    throughLeader++;
    passOn(socket, openTo(address));
  };
  const { stream } = end.port.expect(NAME, end.party.identity, Promise.resolve(caller.fingerprint));
  end.names.add(NAME, { address, take });
  const [one, two] = [await gateway(end.address), await gateway(end.address)];
  await dial(end, two.opened.address, caller);
  await stream;
  await expect(dial(end, one.opened.address, caller)).rejects.toThrow(StreamLost);
  expect([one.turnedAway, two.turnedAway, throughLeader]).toEqual([["unknown-stream"], [], 0]);
  // One that ends in the leader goes there as any connection does.
  const here = awaitStream(end, OTHER, caller.fingerprint);
  await dial(end, one.opened.address, caller, OTHER);
  await here;
  await expect(dial(end, two.opened.address, caller, OTHER)).rejects.toThrow(StreamLost);
  expect(end.turnedAway).toEqual([]);
});

test("no more streams are awaited than a process can have", () => {
  const names = new StreamNames();
  const take = () => {};
  const added = Array.from({ length: 1025 }, (_, i) => names.add(i.toString(16).padStart(32, "0"), { take }));
  expect(added.filter((each) => each === false)).toHaveLength(1);
  expect(names.size).toBe(1024);
});

test("a hello is read whatever is in it, and every one that is damaged is none of a partner's", async () => {
  const hello = await helloFor({ servername: `${NAME}.node.example`, ALPNProtocols: [PURPOSES.stream] });
  expect(helloOf(hello)).toEqual({ stream: NAME });
  expect(helloOf(await helloFor({ servername: NAME, ALPNProtocols: [PURPOSES.session] }))).toBe("partner");
  expect(helloOf(await helloFor({ servername: "node.example", ALPNProtocols: [PURPOSES.stream] }))).toBe(
    "other-protocol",
  );
  expect(helloOf(await helloFor({ ALPNProtocols: [PURPOSES.stream] }))).toBe("other-protocol");
  expect(helloOf(await helloFor({ servername: NAME, ALPNProtocols: [PURPOSES.stream, "h2"] }))).toBe(
    "other-protocol",
  );
  for (let at = 5; at < hello.length; at++) {
    for (const value of [0, 255, hello[at]! ^ 1]) {
      const damaged = Buffer.from(hello);
      damaged[at] = value;
      const read = helloOf(damaged);
      expect(["partner", "other-protocol", "object"]).toContain(
        typeof read === "string" ? read : typeof read,
      );
    }
  }
});

async function helloFor(options: object): Promise<Buffer> {
  const listener = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void listener.close());
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const caller = connectPlainTls({ host: "127.0.0.1", port, ...options });
  caller.on("error", () => {});
  const [socket] = (await once(listener, "connection")) as [Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  caller.destroy();
  return bytes;
}

// First contact over real TLS: who gets pinned, and who does not.
import { connectTls, listenTls, type TlsListener } from "@halfroom/transport";
import { toHex } from "@halfroom/session";
import { openChannel, ProtocolError } from "@halfroom/wire";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hostGuest, joinPartner } from "../src/partners/join.ts";
import { invitationId, proofOf, statementOf } from "../src/partners/proofs.ts";
import { decodeToken, encodeToken, type Invitation } from "../src/partners/token.ts";
import { makeHome, type Home } from "./home.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const ADDRESS = "guest.example:7443";
let host: Home;
let guest: Home;
let other: Home;
let listener: TlsListener;
/** What the host's clock says. */
let hostNow = NOW;
/** What became of each connection, in the host's eyes. */
let outcomes: Promise<string>[] = [];

beforeAll(async () => {
  [host, guest, other] = await Promise.all([makeHome(), makeHome(), makeHome()]);
  listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    idleMs: 30_000,
    resumeMs: 0,
    identity: host.identity.tls,
    admit: (_fingerprint, purpose) => purpose === "join" && host.invitations.anyOpen(hostNow),
    meet: (connection) => {
      const hosting = hostGuest(connection, {
        identity: host.identity,
        invitations: host.invitations,
        now: () => hostNow,
      });
      outcomes.push(
        hosting.then(
          ({ name }) => name,
          (error: ProtocolError) => error.code,
        ),
      );
    },
  });
});
afterAll(async () => {
  await listener.close();
  for (const home of [host, guest, other]) home.store.close();
});
beforeEach(() => {
  hostNow = NOW;
  outcomes = [];
  for (const home of [host, guest, other]) {
    for (const { name } of home.partners.list()) home.partners.remove(name);
  }
});

function invite(): Invitation {
  const expiresAt = NOW + HOUR;
  const secret = host.invitations.open("advertiser", expiresAt);
  return { address: listener.address, fingerprint: host.identity.fingerprint, secret, expiresAt };
}

function join(who: Home, invitation: Invitation, now = NOW) {
  return joinPartner(who.partners, {
    identity: who.identity,
    invitation,
    name: "publisher",
    address: ADDRESS,
    waitMs: 30_000,
    idleMs: 30_000,
    now,
  });
}

async function failure(joining: Promise<unknown>): Promise<string> {
  const error = await joining.then(
    () => expect.fail("joined"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProtocolError) return error.code;
  throw error;
}

test("both sides pin certificate, signing key and address of the other", async () => {
  const token = encodeToken(invite());
  await join(guest, decodeToken(token));
  expect(await Promise.all(outcomes)).toEqual(["advertiser"]);
  expect(guest.partners.list()).toEqual([
    {
      name: "publisher",
      fingerprint: host.identity.fingerprint,
      signingKey: host.identity.signingKey,
      owner: toHex(host.identity.signingKey),
      address: listener.address,
      pinnedAt: NOW,
    },
  ]);
  expect(host.partners.list()).toEqual([
    {
      name: "advertiser",
      fingerprint: guest.identity.fingerprint,
      signingKey: guest.identity.signingKey,
      owner: toHex(guest.identity.signingKey),
      address: ADDRESS,
      pinnedAt: NOW,
    },
  ]);
});

test("an invitation serves one guest, who may ask again", async () => {
  const invitation = invite();
  await join(guest, invitation);
  await join(guest, invitation);
  expect(await failure(join(other, invitation))).toBe("replayed");
  expect(await Promise.all(outcomes)).toEqual(["advertiser", "advertiser", "replayed"]);
  expect(host.partners.list().map(({ fingerprint }) => fingerprint)).toEqual([guest.identity.fingerprint]);
  expect(other.partners.list()).toEqual([]);
});

describe("nobody is pinned", () => {
  test("by an expired invitation, whichever clock says so", async () => {
    const invitation = invite();
    const later = invite();
    expect(await failure(join(guest, invitation, NOW + HOUR))).toBe("refused");
    expect(outcomes).toEqual([]);
    host.invitations.open("somebody-else", NOW + 3 * HOUR);
    hostNow = NOW + HOUR;
    expect(await failure(join(guest, later))).toBe("refused");
    expect([...host.partners.list(), ...guest.partners.list()]).toEqual([]);
  });

  test("by a secret that the host never gave", async () => {
    const invitation = { ...invite(), secret: new Uint8Array(32).fill(7) };
    expect(await failure(join(guest, invitation))).toBe("refused");
    expect([...host.partners.list(), ...guest.partners.list()]).toEqual([]);
  });

  test("if another node answers than the token names", async () => {
    const invitation = { ...invite(), fingerprint: other.identity.fingerprint };
    expect(await failure(join(guest, invitation))).toBe("identity");
    expect([...host.partners.list(), ...guest.partners.list()]).toEqual([]);
  });

  test("if the guest signs with another key than its certificate names", async () => {
    const identity = { ...guest.identity, sign: other.identity.sign };
    expect(await failure(join({ ...guest, identity }, invite()))).toBe("identity");
    expect([...host.partners.list(), ...guest.partners.list()]).toEqual([]);
  });

  test("if the guest knows the invitation's name on the wire and not its secret", async () => {
    const { secret, fingerprint, address } = invite();
    const { frames } = await connectTls({
      address,
      identity: other.identity.tls,
      purpose: "join",
      fingerprint,
      waitMs: 30_000,
      idleMs: 30_000,
      resumeMs: 0,
    });
    const ch = openChannel(frames, "sender");
    const nonce = new Uint8Array(32);
    const contact = { inviter: fingerprint, joiner: other.identity.fingerprint, nonce, address: "" };
    await ch.send({
      type: "join",
      invitation: invitationId(secret),
      nonce,
      address: "",
      proof: proofOf(new Uint8Array(32), "joiner", contact),
      signature: other.identity.sign(statementOf("joiner", contact)),
    });
    expect(await failure(ch.recv("joined"))).toBe("identity");
    await ch.close();
    expect(host.partners.list()).toEqual([]);
  });

  test("if the guest presents another fingerprint than that of its connection", async () => {
    // Its proof is right for `other`, whose certificate it does not hold.
    const identity = { ...guest.identity, fingerprint: other.identity.fingerprint };
    expect(await failure(join({ ...guest, identity }, invite()))).toBe("identity");
    expect([...host.partners.list(), ...guest.partners.list()]).toEqual([]);
  });
});

describe("a token", () => {
  const token = () => encodeToken(invite());
  test("survives the way through a mail", () => {
    const invitation = invite();
    expect(decodeToken(`  ${encodeToken(invitation)}\n`)).toEqual(invitation);
  });

  test.each([
    ["cut", (text: string) => text.slice(0, -1)],
    [
      "with one letter changed",
      (text: string) => text.slice(0, 40) + (text[40] === "A" ? "B" : "A") + text.slice(41),
    ],
    ["with another beginning", (text: string) => text.replace("halfroom1_", "halfroom2_")],
    ["that is none", () => "hello"],
    ["that is empty", () => ""],
  ])("%s is refused without being repeated", (_name, damage) => {
    const text = damage(token());
    const decode = () => decodeToken(text);
    expect(decode).toThrow(/damaged/);
    if (text.length > 5) expect(decode).not.toThrow(text);
  });
});

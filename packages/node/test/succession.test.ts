// Which certificates a node takes for a partner's, beside the one that it has pinned; protocol-spec.md, section 6.5.
import { createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { generate } from "selfsigned";
import { expect, test } from "vitest";
import { fingerprintOf } from "../src/identity/fingerprint.ts";
import { makeIdentity, newSigningKey, rawKey, succeed } from "../src/identity/make-identity.ts";
import { claimOf, namesOf, pathFrom, SUCCESSORS_MAX, type Successor } from "../src/identity/succession.ts";
import { Partners } from "../src/partners/partners.ts";
import { LET_IN_MS, Successions } from "../src/partners/successions.ts";
import { NOW, scratchStore } from "./fixtures.ts";

async function certificateOf(key: KeyObject, number: number, successors: readonly Successor[] = []) {
  return new X509Certificate((await makeIdentity(key, successors, number)).certificate);
}

/** A node that has pinned `key` as "partner", with the certificate of number 10. */
async function pinned(key = newSigningKey()) {
  const store = scratchStore();
  const partners = new Partners(store);
  const successions = new Successions(store, partners);
  const certificate = await certificateOf(key, 10);
  const pin = {
    signingKey: publicOf(key),
    fingerprint: fingerprintOf(certificate),
    address: "",
    pinnedAt: NOW,
  };
  partners.pin({ ...pin, name: "partner", certificateNumber: 10 });
  const standing = (shown: X509Certificate, now = NOW) => successions.standingOf(shown, now);
  const use = (shown: X509Certificate, now = NOW) => {
    const partner = successions.byFingerprint(fingerprintOf(shown), now);
    return partner && successions.follow(partner, now);
  };
  const confirm = (shown: X509Certificate, name = "partner") =>
    successions.confirm(name, fingerprintOf(shown), NOW);
  return { key, store, partners, successions, certificate, standing, use, confirm };
}

test("a certificate says which identity it is of and whom it succeeded", async () => {
  const [a, b, c] = [newSigningKey(), newSigningKey(), newSigningKey()];
  const chain = [succeed(a, b, 11), succeed(b, c, 12)];
  const claim = claimOf(await certificateOf(c, 12, chain))!;
  expect(claim.number).toBe(12);
  expect(pathFrom(claim, publicOf(a))).toEqual(chain);
  expect(pathFrom(claim, publicOf(b))).toEqual(chain.slice(1));
  expect(pathFrom(claim, publicOf(c))).toEqual([]);
  expect(pathFrom(claim, publicOf(newSigningKey()))).toBeUndefined();
});

test("another certificate of the pinned identity is let in, and takes its place once it is used", async () => {
  const { key, partners, certificate, standing, use } = await pinned();
  const next = await certificateOf(key, 11);
  expect(standing(next)).toMatchObject({ isHeld: false, partner: { name: "partner" } });
  // Shown is not used.
  expect(partners.named("partner").fingerprint).toBe(fingerprintOf(certificate));
  expect(use(next)).toMatchObject({ isOtherIdentity: false, from: fingerprintOf(certificate) });
  expect(partners.named("partner").fingerprint).toBe(fingerprintOf(next));
  // Sessions of the one before may come back for a while.
  expect(standing(certificate, NOW + LET_IN_MS - 1)).toMatchObject({ isHeld: false });
  expect(standing(certificate, NOW + LET_IN_MS)).toBeUndefined();
  expect(use(certificate, NOW + 1)).toBeUndefined();
  expect(partners.named("partner").fingerprint).toBe(fingerprintOf(next));
});

test("a certificate with an older number, of another key or with a statement for another TLS key is a stranger's", async () => {
  const { key, standing, successions } = await pinned();
  expect(standing(await certificateOf(key, 10))).toBeUndefined();
  expect(standing(await certificateOf(key, 9))).toBeUndefined();
  expect(standing(await certificateOf(newSigningKey(), 11))).toBeUndefined();
  const own = claimOf(await certificateOf(key, 11))!;
  // Anybody can put another identity's key and words into a certificate.
  expect(standing(await forged(publicOf(key), namesOf(own)))).toBeUndefined();
  expect(standing(await forged(publicOf(key), []))).toBeUndefined();
  expect(successions.candidates("partner")).toEqual([]);
});

test("another identity is held until a person confirms it, and then takes the old one's place for good", async () => {
  const { key, partners, successions, certificate, standing, use, confirm } = await pinned();
  const b = newSigningKey();
  const next = await certificateOf(b, 11, [succeed(key, b, 11)]);
  const held: string[] = [];
  const see = () => successions.standingOf(next, NOW, ({ name }) => held.push(name));
  expect([see()?.isHeld, see()?.isHeld, held]).toEqual([true, true, ["partner"]]);
  expect(use(next)).toBeUndefined();
  expect(() => successions.confirm("partner", "00".repeat(32), NOW)).toThrow(/no identity with this/);
  confirm(next);
  expect(standing(next)).toMatchObject({ isHeld: false });
  // Until it is used the old one is as good as before.
  expect(standing(certificate)).toMatchObject({ isHeld: false });
  expect(use(next)).toMatchObject({ isOtherIdentity: true });
  expect(partners.named("partner")).toMatchObject({ signingKey: publicOf(b), owner: hex(publicOf(key)) });
  expect(standing(certificate)).toBeUndefined();
  expect(standing(await certificateOf(key, 99))).toBeUndefined();
  expect(successions.history(partners.named("partner"))).toMatchObject([{ isOtherIdentity: true }]);
});

test("once a person has confirmed an identity the old key can name no other, nor another certificate of its own", async () => {
  const { key, successions, standing, use, confirm } = await pinned();
  const [b, thief] = [newSigningKey(), newSigningKey()];
  const next = await certificateOf(b, 11, [succeed(key, b, 11)]);
  const stolen = await certificateOf(thief, 12, [succeed(key, thief, 12)]);
  standing(next);
  expect(standing(stolen)?.isHeld).toBe(true);
  confirm(next);
  expect(successions.candidates("partner").map(({ signingKey }) => hex(signingKey))).toEqual([
    hex(publicOf(b)),
  ]);
  expect(standing(stolen)).toBeUndefined();
  expect(standing(await certificateOf(key, 13))).toBeUndefined();
  use(next);
  expect(standing(stolen)).toBeUndefined();
  expect(standing(await certificateOf(thief, 14, [succeed(key, thief, 14)]))).toBeUndefined();
});

test("of an identity that a person has confirmed no certificate comes back that is older than the confirmed one", async () => {
  const { key, standing, confirm } = await pinned();
  const b = newSigningKey();
  const step = succeed(key, b, 11);
  const confirmed = await certificateOf(b, 30, [step]);
  standing(confirmed);
  confirm(confirmed);
  expect(standing(await certificateOf(b, 29, [step]))).toBeUndefined();
  expect(standing(await certificateOf(b, 30, [step]))).toBeUndefined();
  expect(standing(await certificateOf(b, 31, [step]))).toMatchObject({ isHeld: false });
});

test("a partner that has another identity by now is in nobody's place either, by today's key or an earlier one", async () => {
  const { key, partners, standing, use, confirm } = await pinned();
  const [c, e] = [newSigningKey(), newSigningKey()];
  const other = await certificateOf(c, 10);
  const third = { signingKey: publicOf(c), fingerprint: fingerprintOf(other), address: "", pinnedAt: NOW };
  partners.pin({ ...third, name: "third", certificateNumber: 10 });
  const next = await certificateOf(e, 20, [succeed(c, e, 20)]);
  standing(next);
  confirm(next, "third");
  use(next);
  expect(partners.named("third").signingKey).toEqual(publicOf(e));
  expect(standing(await certificateOf(e, 21, [succeed(key, e, 21)]))?.partner.name).toBe("third");
  expect(standing(await certificateOf(c, 22, [succeed(key, c, 22)]))).toBeUndefined();
});

test("a partner that was away for several rotations is followed over all of them", async () => {
  const { key, partners, standing, use, confirm } = await pinned();
  const [b, c] = [newSigningKey(), newSigningKey()];
  const last = await certificateOf(c, 14, [succeed(key, b, 11), succeed(b, c, 13)]);
  expect(standing(last)?.isHeld).toBe(true);
  confirm(last);
  use(last);
  expect(partners.named("partner").signingKey).toEqual(publicOf(c));
  // Neither of those that were left comes back.
  expect(standing(await certificateOf(b, 20, [succeed(key, b, 11)]))).toBeUndefined();
  expect(standing(await certificateOf(key, 20, [succeed(c, key, 19)]))).toBeUndefined();
});

test("a successor without both signatures, or with numbers that do not grow, is a stranger's", async () => {
  const { key, standing } = await pinned();
  const [b, c] = [newSigningKey(), newSigningKey()];
  const good = succeed(key, b, 11);
  const other = succeed(newSigningKey(), b, 11);
  for (const [name, chain, number] of [
    ["the old key did not sign", [{ ...good, byOld: other.byOld }], 11],
    ["the new key did not sign", [{ ...good, byNew: good.byOld }], 11],
    ["signed for another number", [{ ...good, number: 12 }], 12],
    ["the certificate is older than its identity", [good], 10],
  ] as const) {
    expect(standing(await certificateOf(b, number, chain)), name).toBeUndefined();
  }
  const back = [succeed(key, b, 12), succeed(b, c, 11)];
  expect(standing(await certificateOf(c, 12, back)), "numbers go back").toBeUndefined();
  const round = [succeed(key, b, 11), succeed(b, key, 12)];
  expect(standing(await certificateOf(key, 13, round)), "an identity comes back").toBeUndefined();
  expect(standing(await certificateOf(b, 11, [good]))?.isHeld).toBe(true);
});

test("whoever holds the key fills neither log nor list with identities, and a certificate takes no held one away", async () => {
  const { key, successions, standing, use } = await pinned();
  const named = async (number: number) => {
    const other = newSigningKey();
    return await certificateOf(other, number, [succeed(key, other, number)]);
  };
  for (let number = 11; number < 15; number++) expect(standing(await named(number))?.isHeld).toBe(true);
  const more = await named(15);
  expect(standing(more)).toBeUndefined();
  const later = await certificateOf(key, 20);
  standing(later);
  use(later);
  expect(successions.candidates("partner").map(({ certificateNumber }) => certificateNumber)).toEqual([
    14, 13, 12, 11,
  ]);
  expect(standing(more, NOW + 600_000)?.isHeld).toBe(true);
  expect(successions.candidates("partner").map(({ certificateNumber }) => certificateNumber)).toEqual([
    15, 14, 13, 12,
  ]);
});

test("a succession is replayed to nobody: not after another one, not by another partner, not into another partner's place", async () => {
  const { key, partners, standing, use, confirm } = await pinned();
  const [b, c, stranger] = [newSigningKey(), newSigningKey(), newSigningKey()];
  const other = await certificateOf(c, 10);
  const third = { signingKey: publicOf(c), fingerprint: fingerprintOf(other), address: "", pinnedAt: NOW };
  partners.pin({ ...third, name: "third", certificateNumber: 10 });
  // One partner names another one as its successor, with that one's help.
  expect(standing(await certificateOf(c, 11, [succeed(key, c, 11)]))).toMatchObject({
    isHeld: false,
    partner: { name: "third" },
  });
  // A stranger names a successor for itself.
  expect(standing(await certificateOf(b, 11, [succeed(stranger, b, 11)]))).toBeUndefined();
  const next = await certificateOf(b, 20, [succeed(key, b, 20)]);
  standing(next);
  confirm(next);
  use(next);
  const d = newSigningKey();
  expect(
    standing(await certificateOf(d, 20, [succeed(b, d, 20)])),
    "the number of the last one",
  ).toBeUndefined();
  expect(standing(await certificateOf(d, 21, [succeed(b, d, 21)]))?.isHeld).toBe(true);
});

test("a partner that is removed and met again is the same for what it has spent, and an identity that it left is met no more", async () => {
  const { key, partners, standing, use, confirm } = await pinned();
  const b = newSigningKey();
  const next = await certificateOf(b, 11, [succeed(key, b, 11)]);
  standing(next);
  confirm(next);
  use(next);
  partners.remove("partner");
  expect(standing(next)).toBeUndefined();
  const again = { name: "again", address: "", pinnedAt: NOW };
  expect(partners.pin({ ...again, signingKey: publicOf(b), fingerprint: fingerprintOf(next) }).owner).toBe(
    hex(publicOf(key)),
  );
  const old = await certificateOf(key, 30);
  const left = { name: "left", address: "", pinnedAt: NOW, signingKey: publicOf(key) };
  expect(() => partners.pin({ ...left, fingerprint: fingerprintOf(old) })).toThrow(/does not come back/);
});

test("names of certificates that are in no form of ours are no claims", async () => {
  const key = newSigningKey();
  const good = claimOf(await certificateOf(key, 11))!;
  const [name] = namesOf(good);
  const step = namesOf({ ...good, successors: [succeed(newSigningKey(), key, 11)] })[1]!;
  for (const names of [
    [name!, name!],
    [`${name!}A`],
    [name!.replace("certificate", "certificates").slice(0, -1)],
    [name!.replace("certificate:", "certificatE:")],
    [name!.slice(0, -1)],
    [step],
    [name!, ...Array.from({ length: 17 }, () => step)],
    ["https://example.com/"],
    [name!, "https://example.com/"],
  ])
    expect(claimOf(await forged(publicOf(key), names)), names.join(" ").slice(0, 60)).toBeUndefined();
  expect(claimOf(await forged(publicOf(key), [name!, step]))?.successors).toHaveLength(1);
});

test("a certificate has so many successions at most", async () => {
  const keys = Array.from({ length: SUCCESSORS_MAX + 2 }, newSigningKey);
  const key = keys.at(-1)!;
  const good = claimOf(await certificateOf(key, 100))!;
  const chain = (length: number) => {
    const last = keys.slice(-length - 1);
    return last.slice(1).map((next, i) => succeed(last[i]!, next, i + 1));
  };
  for (const [length, isClaim] of [
    [SUCCESSORS_MAX, true],
    [SUCCESSORS_MAX + 1, false],
  ] as const) {
    const found = claimOf(await forged(publicOf(key), namesOf({ ...good, successors: chain(length) })));
    expect(found?.successors.length).toBe(isClaim ? length : undefined);
  }
});

test("numbers are counted exactly, and no two successions have the same", async () => {
  const [first, second, key] = [newSigningKey(), newSigningKey(), newSigningKey()];
  const good = claimOf(await certificateOf(key, 100))!;
  const claimed = async (numbers: readonly [number, number], own: number) => {
    const successors = [succeed(first, second, numbers[0]), succeed(second, key, numbers[1])];
    return claimOf(await forged(publicOf(key), namesOf({ ...good, number: own, successors })));
  };
  expect(await claimed([5, 6], 6)).toMatchObject({ number: 6 });
  // The number is part of what was signed.
  expect(pathFrom(good, publicOf(key))).toEqual([]);
  expect(pathFrom({ ...good, number: 101 }, publicOf(key))).toBeUndefined();
  expect(await claimed([5, 5], 6)).toBeUndefined();
  expect(await claimed([5, 6], 2 ** 53)).toBeUndefined();
  expect(await claimed([5, 6], Number.MAX_SAFE_INTEGER)).toMatchObject({ number: Number.MAX_SAFE_INTEGER });
});

/** A certificate that names the key and says this, and has a TLS key of whoever made it. */
async function forged(signingKey: Uint8Array, names: readonly string[]): Promise<X509Certificate> {
  const { cert } = await generate(
    [{ name: "commonName", value: Buffer.from(signingKey).toString("base64url") }],
    {
      keyType: "ec",
      curve: "P-256",
      algorithm: "sha256",
      extensions: [{ name: "subjectAltName", altNames: names.map((value) => ({ type: 6, value })) }],
    },
  );
  return new X509Certificate(cert);
}

const publicOf = (key: KeyObject) => rawKey(createPublicKey(key)).bytes;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

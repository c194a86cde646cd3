// Users, their passwords and codes, and who is signed in.
import { scryptSync } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "otpauth";
import { expect, test } from "vitest";
import {
  addUser,
  changePassword,
  changeUserRole,
  endSignIns,
  findSignIn,
  listSignIns,
  listUsers,
  openNode,
  readAudit,
  removeUser,
  resetUser,
  signIn,
  signOut,
  type HalfroomNode,
} from "../src/api/index.ts";
import { handleOf, withState } from "../src/api/node.ts";
import { openState } from "../src/node-state.ts";
import { codeAt } from "../src/people/one-time-codes.ts";
import { hashPassword, isPassword } from "../src/people/passwords.ts";
import { IDLE_MS, SIGN_IN_MS } from "../src/people/sign-ins.ts";
import { nodeFolder } from "../src/store/folder.ts";
import { madeNode, restoredFrom } from "./backed-up.ts";

const PASSWORD = "moor lantern oyster";
const ANNA = { name: "anna", role: "approver", password: PASSWORD, codes: false } as const;
/** Passwords cost little here. */
const COST = { logN: 4 };
const ALIVE = { isAlive: true };

const signed = async (node: HalfroomNode, code?: string, password = PASSWORD, name = "anna") =>
  await signIn(node, { name, password, code }, COST);

async function secretOf(node: HalfroomNode): Promise<string> {
  const result = await signed(node);
  if (result.state !== "in") throw new Error(result.state);
  return result.secret;
}

test("what is kept of a password is scrypt's key of it, by OpenSSL, with a salt of its own", async () => {
  const kept = await hashPassword("Ångström’s moor", 5);
  const [name, logN, r, p, salt, key] = kept.split("$");
  expect([name, logN, r, p]).toEqual(["scrypt", "5", "8", "1"]);
  // The same letters, composed otherwise.
  const other = "Ångström’s moor".normalize("NFKC");
  const made = scryptSync(other, Buffer.from(salt!, "base64url"), 32, { N: 32, r: 8, p: 1 });
  expect(key).toBe(made.toString("base64url"));
  expect(await isPassword("A\u030angstro\u0308m’s moor", kept, 5)).toBe(true);
  expect(await isPassword("Angström’s moor", kept, 5)).toBe(false);
  expect(await isPassword("", undefined, 5)).toBe(false);
  expect(await hashPassword("Ångström’s moor", 5)).not.toBe(kept);
});

test("a user gets in with the password, and is who was added; neither password nor secret lies in the folder", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, COST);
  const result = await signed(node);
  expect(result).toMatchObject({
    state: "in",
    way: "password",
    name: "anna",
    subject: "anna",
    role: "approver",
  });
  const { secret } = result as { secret: string };
  expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  expect(await findSignIn(node, secret, ALIVE)).toMatchObject({
    actor: { kind: "user", name: "anna", subject: "anna" },
    role: "approver",
  });
  expect(await findSignIn(node, `${secret}x`, ALIVE)).toBeUndefined();
  const files = readdirSync(node.folder).filter((file) => statSync(join(node.folder, file)).isFile());
  expect(files).toContain("node.sqlite-wal");
  for (const file of files)
    for (const held of [PASSWORD, secret])
      expect(readFileSync(join(node.folder, file)).includes(held), file).toBe(false);
  const entries = await readAudit(node);
  expect(entries.slice(-2)).toMatchObject([
    { kind: "user-added", facts: { user: "anna", role: "approver", codes: false } },
    { kind: "signed-in", facts: { actor: "user:anna", role: "approver" } },
  ]);
});

test("an unknown name, a wrong password and a locked user are refused", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, COST);
  expect(await signed(node, undefined, "moor lantern oystet")).toEqual({
    state: "refused",
    why: "password",
    user: "anna",
  });
  expect(await signed(node, undefined, PASSWORD, "nobody")).toEqual({ state: "refused", why: "name" });
  await withState(node, ({ users }) => users.lockAll());
  expect(await signed(node)).toEqual({ state: "refused", why: "password", user: "anna" });
});

test("a one-time code holds once, and none that is older holds after it", async () => {
  const node = await madeNode();
  const { codes } = await addUser(node, { ...ANNA, codes: true }, COST);
  const secret = new Uint8Array(Secret.fromBase32(codes!.secret).buffer);
  expect(await signed(node)).toEqual({ state: "code-needed" });
  expect(await signed(node, undefined, "another password")).toEqual({
    state: "refused",
    why: "password",
    user: "anna",
  });
  const now = Date.now();
  const [before, code] = [codeAt(secret, now - 30_000), codeAt(secret, now)];
  const wrong = String((Number(code) + 1) % 1e6).padStart(6, "0");
  expect(await signed(node, wrong)).toEqual({ state: "refused", why: "code", user: "anna" });
  // At once, as two who both know it would.
  const both = await Promise.all([signed(node, code), signed(node, code)]);
  expect(both.map(({ state }) => state).toSorted()).toEqual(["in", "refused"]);
  expect(await signed(node, before)).toEqual({ state: "refused", why: "code", user: "anna" });
});

test("whatever a sign-in rests on ends it: role, password, removal, signing out", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, COST);
  await addUser(node, { ...ANNA, name: "ben" }, COST);
  const bens = await signed(node, undefined, PASSWORD, "ben");
  const ends = async (change: () => Promise<unknown>, password = PASSWORD) => {
    const result = await signed(node, undefined, password);
    const { secret } = result as { secret: string };
    expect(await findSignIn(node, secret, ALIVE)).toBeDefined();
    await change();
    expect(await findSignIn(node, secret, ALIVE)).toBeUndefined();
  };
  await ends(() => changeUserRole(node, "anna", "viewer"));
  const next = "plum harbour violin";
  await ends(() => resetUser(node, { name: "anna", password: next, codes: false }, COST));
  await ends(() => changePassword(node, { name: "anna", password: next }, PASSWORD, COST), next);
  await ends(() => removeUser(node, "anna"));
  expect(await signed(node)).toEqual({ state: "refused", why: "name" });
  await addUser(node, ANNA, COST);
  const secret = await secretOf(node);
  expect([await signOut(node, secret), await signOut(node, secret)]).toEqual([true, false]);
  expect(await findSignIn(node, secret, ALIVE)).toBeUndefined();
  // All that is another one's.
  expect(await findSignIn(node, (bens as { secret: string }).secret, ALIVE)).toBeDefined();
});

test("an administrator sees who is signed in, and ends all sign-ins of one person", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, COST);
  await addUser(node, { ...ANNA, name: "ben", role: "viewer" }, COST);
  const secrets = [await secretOf(node), await secretOf(node)];
  const bens = await signed(node, undefined, PASSWORD, "ben");
  const of = { way: "password", subject: "anna" } as const;
  const [first] = await listSignIns(node);
  expect(first).toMatchObject({ ...of, name: "anna", role: "approver", seenAt: expect.any(Number) });
  expect(first!.endsAt - first!.begunAt).toBe(SIGN_IN_MS);
  expect((await listSignIns(node)).map(({ name }) => name)).toEqual(["anna", "anna", "ben"]);
  // Another one who is called so elsewhere.
  expect(await endSignIns(node, { way: "openid", subject: "anna" })).toEqual({ ended: 0 });
  expect(await endSignIns(node, of)).toEqual({ ended: 2 });
  for (const secret of secrets) expect(await findSignIn(node, secret, ALIVE)).toBeUndefined();
  expect((await listSignIns(node)).map(({ name }) => name)).toEqual(["ben"]);
  expect(await findSignIn(node, (bens as { secret: string }).secret, ALIVE)).toBeDefined();
  expect((await readAudit(node)).at(-1)).toMatchObject({
    kind: "sign-ins-ended",
    facts: { of: "user", subject: "anna", ended: 2 },
  });
});

test("a user changes the password only with the one there is", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, COST);
  const next = "plum harbour violin";
  expect(await changePassword(node, { name: "anna", password: "wrong" }, next, COST)).toMatchObject({
    state: "refused",
    why: "password",
  });
  expect(await changePassword(node, { name: "anna", password: PASSWORD }, next, COST)).toEqual({
    state: "changed",
  });
  expect([(await signed(node)).state, (await signed(node, undefined, next)).state]).toEqual([
    "refused",
    "in",
  ]);
});

test.each([
  ["short", "eleven char"],
  ["long", "a1b2c3".repeat(50)],
  ["of the own name", "my name is Anna!"],
  ["of one letter", "aaaaaaaaaaaaaaaa"],
])("no password is %s", async (_what, password) => {
  const node = await madeNode();
  const error = await addUser(node, { ...ANNA, password }, COST).catch((caught) => caught);
  expect(error).toMatchObject({ code: "password" });
  expect(error.message).not.toContain(password);
  expect(await listUsers(node)).toEqual([]);
});

test("names are names, and one's own; who is not there cannot be changed", async () => {
  const node = await madeNode();
  await expect(addUser(node, { ...ANNA, name: "an na" }, COST)).rejects.toMatchObject({ code: "name" });
  await addUser(node, ANNA, COST);
  await expect(addUser(node, ANNA, COST)).rejects.toMatchObject({ code: "name-taken" });
  const nobody = { name: "ben", password: PASSWORD, codes: false };
  for (const change of [
    removeUser(node, "ben"),
    changeUserRole(node, "ben", "viewer"),
    resetUser(node, nobody, COST),
  ])
    await expect(change).rejects.toMatchObject({ code: "no-user" });
  expect(await listUsers(node)).toMatchObject([
    { name: "anna", role: "approver", hasCodes: false, isLocked: false },
  ]);
});

test("a sign-in ends after half an hour of nothing, and after twelve hours whatever happens", async () => {
  const node = await madeNode();
  const start = Date.now();
  let now = start;
  const state = await openState(nodeFolder(node.folder, {}), {}, () => now);
  const later = handleOf(state);
  await addUser(later, ANNA, COST);
  const idle = await secretOf(later);
  const busy = await secretOf(later);
  now = start + IDLE_MS - 1;
  expect(await findSignIn(later, idle, { isAlive: false })).toBeDefined();
  expect(await findSignIn(later, busy, ALIVE)).toBeDefined();
  now = start + IDLE_MS;
  expect(await findSignIn(later, idle, ALIVE)).toBeUndefined();
  for (; now < start + SIGN_IN_MS; now += IDLE_MS / 2)
    expect(await findSignIn(later, busy, ALIVE)).toBeDefined();
  now = start + SIGN_IN_MS;
  expect(await findSignIn(later, busy, ALIVE)).toBeUndefined();
  state.signIns.prune(now);
  expect(state.store.all("SELECT * FROM sign_in")).toEqual([]);
  later.close();
});

test("a password that was kept at a lower cost is kept at today's once it is shown", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, { logN: 3 });
  const kept = () => withState(node, ({ users }) => users.find("anna")!.password!);
  expect(await kept()).toMatch(/^scrypt\$3\$/);
  await secretOf(node);
  expect(await kept()).toMatch(/^scrypt\$4\$/);
  await secretOf(node);
});

test("once a node is restored nobody is signed in, and no password holds until it is reset", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, COST);
  const secret = await secretOf(node);
  const restored = await restoredFrom(node);
  expect(await findSignIn(restored, secret, ALIVE)).toBeUndefined();
  expect(await signed(restored)).toEqual({ state: "refused", why: "password", user: "anna" });
  expect(await listUsers(restored)).toMatchObject([{ name: "anna", isLocked: true }]);
  await resetUser(restored, { name: "anna", password: PASSWORD, codes: false }, COST);
  expect((await signed(restored)).state).toBe("in");
  // The node that the backup is of goes on.
  expect(await findSignIn(node, secret, ALIVE)).toBeDefined();
});

test("a sign-in is one of the node, in whichever process", async () => {
  const node = await madeNode();
  await addUser(node, ANNA, COST);
  const secret = await secretOf(node);
  const other = await openNode(node.folder, { env: {} });
  expect(await findSignIn(other, secret, ALIVE)).toMatchObject({ name: "anna" });
  other.close();
});

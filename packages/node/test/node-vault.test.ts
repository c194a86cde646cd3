// The root of the vault: a store of an earlier version gets one, and it is replaced while others work, or killed in between.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openState, openVault, SEALED } from "../src/node-state.ts";
import { rotateVault } from "../src/api/rotate.ts";
import { handleOf } from "../src/api/node.ts";
import { Vault } from "../src/vault/vault.ts";
import { Store } from "../src/store/store.ts";
import { makeHome } from "./home.ts";
import { NOW } from "./fixtures.ts";

const SECRET = new Uint8Array(32).fill(7);
const PERSON = new Uint8Array(20).fill(1);

/** A folder whose store holds one secret of each kind, sealed as `vault` seals. */
function fill(store: Store, vault: Pick<Vault, "seal">): void {
  const sealed = (purpose: string, ...context: (string | number)[]) => vault.seal(purpose, context, SECRET);
  store.run(
    "INSERT INTO epoch (partner_key, name, number, suite, started_at, ends_at, public_key, secret_key) VALUES ('k', 'p', 3, 's', 0, 1, x'00', ?)",
    sealed("epochs/oprf-key", "p", 3),
  );
  store.run(
    "INSERT INTO cache (partner_key, name, public_key, suite, ends_at, secret) VALUES ('k', 'p', x'00', 's', 1, ?)",
    sealed("epochs/cache", "p"),
  );
  store.run(
    "INSERT INTO ledger (session, partner_key, population, mode, micro_epsilon, taken_at, noise, name) VALUES ('s', 'k', 'people', 'noise', 1, 1, ?, 'p')",
    sealed("ledger/noise", "s"),
  );
  store.run("INSERT INTO opening (session, sealed) VALUES ('s', ?)", sealed("receipts/openings", "s"));
  store.run(
    "INSERT INTO user (name, role, secret, created_at) VALUES ('ann', 'admin', ?, 1)",
    sealed("one-time-codes", "ann"),
  );
  store.run(
    "INSERT INTO own_identity (fingerprint, signing_key, state, since, sealed) VALUES ('f', x'00', 'next', 1, ?)",
    sealed("identity/next", "f"),
  );
  store.run(
    "INSERT INTO series (id, name, partner, partner_key, initiated_by, role, population, bytes, signatures, mode, micro_epsilon, pico_rho, pure, numbers, agreed_at) VALUES ('i', 'n', 'p', 'k', 'us', 'receiver', 'people', x'00', x'00', 'exact', 0, '0', 1, 1, 1)",
  );
  store.run(
    "INSERT INTO seen (series, epoch_key, ends_at, secret) VALUES ('i', x'00', 1, ?)",
    sealed("series/seen", "i"),
  );
}

/** What each sealed column opens to. */
function opened(store: Store, vault: Pick<Vault, "open">): string[] {
  return SEALED.map(({ table, column, context, purpose }) => {
    const row = store.get<Record<string, never>>(
      `SELECT ${column} AS sealed, ${context.join(", ")} FROM ${table} WHERE ${column} IS NOT NULL`,
    )!;
    return Buffer.from(
      vault.open(
        purpose,
        context.map((name) => row[name]!),
        row["sealed"]!,
      ),
    ).toString("hex");
  });
}

const ALL = SEALED.map(() => Buffer.from(SECRET).toString("hex"));

async function home() {
  const { folder, store, identity } = await makeHome();
  const vault = await openVault(folder, store, NOW);
  fill(store, vault);
  const root = () => readFileSync(folder.vaultKeyFile, "utf8");
  return { folder, store, vault, root, identity };
}

test("every sealed column of the store is known to the vault, and no other column holds what it would have to", async () => {
  const { store } = await makeHome();
  const tables = store.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'");
  const blobs = tables.flatMap(({ name }) =>
    store
      .all<{ column: string }>(
        `SELECT name AS "column" FROM pragma_table_info('${name}') WHERE type = 'BLOB'`,
      )
      .map(({ column }) => `${name}.${column}`),
  );
  const known = [...SEALED, { table: "vault_key", column: "sealed" }].map(
    ({ table, column }) => `${table}.${column}`,
  );
  expect(blobs).toEqual(expect.arrayContaining(known));
  // Public, or hashes, or sealed under other keys: to a recovery key, to a cache's own.
  expect(blobs.filter((name) => !known.includes(name)).toSorted()).toEqual([
    "agreement.bytes",
    "api_token.digest",
    "cache.public_key",
    "epoch.public_key",
    "invitation.id",
    "invitation.secret",
    "own_identity.signing_key",
    "partner.signing_key",
    "pseudonyms.sealed",
    "receipt.record",
    "replay.record",
    "replay.sealed",
    "seen.epoch_key",
    "seen_tags.sealed",
    "series.bytes",
    "series.signatures",
    "session.terms",
    "sign_in.digest",
    "succession.new_key",
    "succession.old_key",
    "successor.signing_key",
    "suppressed.tag",
    "template.signature",
    "template.signed_by",
    "template.signed_to",
    "unsettled.nonce",
    "unsettled.signatures",
    "unsettled.transcript",
    "vault_root.id",
    "worker.public_key",
  ]);
});

test("a store of an earlier version gets a root of its own, and the signing key opens nothing any more", async () => {
  const { folder, store, identity } = await makeHome();
  const former = identity.privateKey.export({ format: "der", type: "pkcs8" });
  fill(store, Vault.ofSecret(Buffer.from(former)));
  store.run("INSERT INTO suppressed (tag, added_at) VALUES (x'00', 1)");
  const vault = await openVault(folder, store, NOW);
  expect(opened(store, vault)).toEqual(ALL);
  expect(() => opened(store, Vault.ofSecret(Buffer.from(former)))).toThrow(/does not open/);
  // The list of people who opted out is found again: its tags are made as before.
  const { createHmac } = await import("node:crypto");
  const key = Vault.ofSecret(Buffer.from(former)).key("suppress");
  expect(vault.tag(PERSON)).toEqual(createHmac("sha256", key).update(PERSON).digest());
  expect(opened(store, await openVault(folder, store, NOW))).toEqual(ALL);
});

test("another root takes the old one's place: everything opens, also for whoever had the store open, and tags stay", async () => {
  const { folder, store, vault, root } = await home();
  const other = Store.open(folder.path);
  const beside = await openVault(folder, other, NOW);
  const [before, tag] = [root(), vault.tag(PERSON)];
  const read = beside.seal("p", ["c"], SECRET);
  expect(vault.rotate(NOW)).toBe(SEALED.length + 1);
  expect(root()).not.toBe(before);
  expect(existsSync(folder.nextVaultKeyFile)).toBe(false);
  for (const each of [vault, beside, await openVault(folder, store, NOW)]) {
    expect(opened(store, each)).toEqual(ALL);
    expect(each.tag(PERSON)).toEqual(tag);
  }
  const old = Vault.ofSecret(Buffer.from(before, "base64"));
  expect(() => opened(store, old)).toThrow(/does not open/);
  expect(Buffer.from(old.open("p", ["c"], read))).toEqual(Buffer.from(SECRET));
  // What the other one seals from now on is under the new root.
  expect(Buffer.from(vault.open("p", ["c"], beside.seal("p", ["c"], SECRET)))).toEqual(Buffer.from(SECRET));
  other.close();
});

test("killed before the store names the new root, the old one holds; killed after it, the new one", async () => {
  const { folder, store, vault, root } = await home();
  const before = root();
  const decide = () =>
    vault.rotate(NOW, () => {
      throw new Error("killed");
    });
  expect(decide).toThrow("killed");
  expect(existsSync(folder.nextVaultKeyFile)).toBe(true);
  expect(opened(store, await openVault(folder, store, NOW))).toEqual(ALL);
  expect(root()).toBe(before);

  vault.rotate(NOW);
  const after = root();
  // As if the process had ended before the file got its name.
  renameSync(folder.vaultKeyFile, folder.nextVaultKeyFile);
  writeFileSync(folder.vaultKeyFile, before, { mode: 0o600 });
  expect(opened(store, await openVault(folder, store, NOW))).toEqual(ALL);
  expect(root()).toBe(after);
});

test("a root of another node is told from the store's", async () => {
  const { folder, store } = await home();
  writeFileSync(folder.vaultKeyFile, `${Buffer.alloc(32).toString("base64")}\n`, { mode: 0o600 });
  await expect(openVault(folder, store, NOW)).rejects.toMatchObject({ code: "damaged" });
});

test("the verb rotates while the node works, and the log says so", async () => {
  const { folder, store } = await makeHome();
  store.close();
  const node = await openState(folder, {});
  try {
    const secrets = await rotateVault(handleOf(node));
    expect(node.audit.entries({ limit: 1 })[0]).toMatchObject({
      kind: "rotated",
      facts: { what: "vault", secrets },
    });
  } finally {
    node.close();
  }
});

// The vault of a node. Its keys come from a root of its own, 32 random bytes in a file beside the store: a copy of the database without
// that file reveals no secret. The root is replaced while other processes of the node work: the store says which one its secrets are under,
// in the transaction that seals them anew, and whoever holds another one reads the file again. Killed at any moment, the new root lies
// on the disk before the store names it, and the old one until it does.
import { createHmac, randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { hash256, type Part } from "@halfroom/crypto";
import { codeOf, OperatorError, unwritable } from "../errors.ts";
import type { NodeFolder } from "../store/folder.ts";
import { readPrivateFileAtOnce, replacePrivateFile } from "../store/private-file.ts";
import type { Store } from "../store/store.ts";
import { flush } from "../store/whole-file.ts";
import { reseal, type SealedColumn } from "./reseal.ts";
import { Vault, type Sealing } from "./vault.ts";

const ROOT_BYTES = 32;
const TAG_KEY_BYTES = 32;
const NO_SESSION = new Uint8Array(0);
/** Another process renames the file between two looks at most once for each rotation. */
const LOOKS_MAX = 3;

/** Keys whose tags are stored without what they are of: they stay as they are, sealed under whichever root there is. */
const TAG_KEY = "vault/tag-key";
const SEALED_TAG_KEYS: SealedColumn = {
  table: "vault_key",
  column: "sealed",
  context: ["purpose"],
  purpose: TAG_KEY,
};
const TAGS = "suppress";

interface Held {
  /** Of its root, in hex. */
  readonly id: string;
  readonly vault: Vault;
}

type Files = Pick<NodeFolder, "vaultKeyFile" | "nextVaultKeyFile">;

export class NodeVault implements Sealing {
  readonly #files: Files;
  readonly #store: Store;
  readonly #columns: readonly SealedColumn[];
  #held: Held;
  #tagKey: Uint8Array | undefined;

  private constructor(files: Files, store: Store, columns: readonly SealedColumn[], held: Held) {
    this.#files = files;
    this.#store = store;
    this.#columns = columns;
    this.#held = held;
  }

  /**
   * `columns`: all that is sealed. `former`: what the keys came from in a store of an earlier version, which gets a root of its own now. Errors:
   * `damaged`, if the root is not the store's; `folder`, `open-to-others`.
   */
  static async open(
    files: Files,
    store: Store,
    columns: readonly SealedColumn[],
    { former, now }: { readonly former: () => Promise<Uint8Array>; readonly now: number },
  ): Promise<NodeVault> {
    const sealed = [...columns, SEALED_TAG_KEYS];
    if (rootId(store) === undefined) {
      const before = Vault.ofSecret(await former());
      store.transaction(() => {
        if (rootId(store) !== undefined) return;
        carryTagKey(store, before);
        replaceRoot(files, store, sealed, before, now);
      });
      before.wipe();
    }
    const vault = new NodeVault(files, store, sealed, held(files, store));
    if (!store.isReadOnly) vault.#finish();
    return vault;
  }

  /** As `Vault.seal`. In the transaction that stores it: otherwise the root could change in between. */
  seal(purpose: string, context: readonly Part[], secret: Uint8Array): Uint8Array {
    this.#refresh();
    return this.#held.vault.seal(purpose, context, secret);
  }

  /** Errors: `damaged`. */
  open(purpose: string, context: readonly Part[], sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    try {
      // Read before the root changed, if it has.
      return this.#held.vault.open(purpose, context, sealed);
    } catch (error) {
      if (!this.#refresh()) throw error;
      return this.#held.vault.open(purpose, context, sealed);
    }
  }

  /** HMAC-SHA256 of `bytes`: a tag that only this node can compute, and always computes alike. */
  tag(bytes: Uint8Array): Uint8Array {
    this.#tagKey ??= this.open(TAG_KEY, [TAGS], tagKeyRow(this.#store)!);
    return createHmac("sha256", this.#tagKey).update(bytes).digest();
  }

  /**
   * Makes another root, seals all secrets anew and destroys the old root; `record` runs in the transaction that decides it. Other processes may
   * work meanwhile. `now` in milliseconds since 1970. Returns how many secrets there are. Errors: `damaged`, `folder`; all is as it was then.
   */
  rotate(now: number, record: (secrets: number) => void = () => undefined): number {
    const secrets = this.#store.transaction(() => {
      this.#refresh();
      const sealed = replaceRoot(this.#files, this.#store, this.#columns, this.#held.vault, now);
      record(sealed);
      return sealed;
    });
    this.#refresh();
    this.#finish();
    this.#store.forgetDeleted();
    return secrets;
  }

  /** The root of a copy of the store, as its file holds it. Errors: `damaged`, if it is gone. */
  rootOf(copy: Store): string {
    return textOf(found(this.#files, rootId(copy)!));
  }

  /** Whether the root is another one than before. */
  #refresh(): boolean {
    const id = rootId(this.#store);
    if (id === this.#held.id) return false;
    this.#held.vault.wipe();
    this.#held = held(this.#files, this.#store);
    return true;
  }

  /** The new root's file takes the place of the old one's, which is gone then. Only in a transaction does nobody make another one. */
  #finish(): void {
    const { vaultKeyFile, nextVaultKeyFile } = this.#files;
    if (readPrivateFileAtOnce(nextVaultKeyFile) === undefined) return;
    this.#store.transaction(() => {
      const next = rootIn(nextVaultKeyFile);
      if (next === undefined || idOf(next) !== rootId(this.#store)) return;
      try {
        renameSync(nextVaultKeyFile, vaultKeyFile);
        flush(vaultKeyFile);
      } catch (cause) {
        throw unwritable(vaultKeyFile, `the vault's root (${codeOf(cause)})`, cause);
      }
    });
  }
}

/** The tags that are there must be found again. */
function carryTagKey(store: Store, before: Vault): void {
  const isUsed = store.get("SELECT 1 FROM suppressed LIMIT 1") !== undefined;
  const key = isUsed ? before.key(TAGS) : randomBytes(TAG_KEY_BYTES);
  const sealed = before.seal(TAG_KEY, [TAGS], key);
  store.run("INSERT INTO vault_key (purpose, sealed) VALUES (?, ?)", TAGS, sealed);
}

function tagKeyRow(store: Store): Uint8Array | undefined {
  const sql = "SELECT sealed FROM vault_key WHERE purpose = ?";
  return store.get<{ sealed: Uint8Array }>(sql, TAGS)?.sealed;
}

/** In the running transaction, which makes the next root the store's. */
function replaceRoot(
  { nextVaultKeyFile }: Files,
  store: Store,
  columns: readonly SealedColumn[],
  from: Sealing,
  now: number,
): number {
  const root = randomBytes(ROOT_BYTES);
  replacePrivateFile(nextVaultKeyFile, "the vault's next root", textOf(root));
  const secrets = reseal(store, columns, from, Vault.ofSecret(root));
  store.run("DELETE FROM vault_root");
  store.run("INSERT INTO vault_root (id, since) VALUES (?, ?)", Buffer.from(idOf(root), "hex"), now);
  return secrets;
}

/** Since when the root is the store's, in milliseconds since 1970. */
export function rootSince(store: Store): number {
  return store.get<{ since: number }>("SELECT since FROM vault_root")!.since;
}

function rootId(store: Store): string | undefined {
  const row = store.get<{ id: Uint8Array }>("SELECT id FROM vault_root");
  return row && Buffer.from(row.id).toString("hex");
}

function held(files: Files, store: Store): Held {
  const id = rootId(store)!;
  return { id, vault: Vault.ofSecret(found(files, id)) };
}

/** The root with this id. Errors: `damaged`. */
function found({ vaultKeyFile, nextVaultKeyFile }: Files, id: string): Uint8Array {
  for (let look = 0; look < LOOKS_MAX; look++) {
    for (const file of [vaultKeyFile, nextVaultKeyFile]) {
      const root = rootIn(file);
      if (root !== undefined && idOf(root) === id) return root;
    }
  }
  throw new OperatorError(
    "damaged",
    `${vaultKeyFile} is not what node.sqlite was sealed under; restore the node's folder from one backup.`,
  );
}

function rootIn(file: string): Uint8Array | undefined {
  const text = readPrivateFileAtOnce(file)?.trim();
  if (text === undefined) return undefined;
  const root = Buffer.from(text, "base64");
  return root.length === ROOT_BYTES ? new Uint8Array(root) : undefined;
}

function idOf(root: Uint8Array): string {
  return Buffer.from(hash256("vault/root", NO_SESSION, root)).toString("hex");
}

function textOf(root: Uint8Array): string {
  return `${Buffer.from(root).toString("base64")}\n`;
}

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve, sep } from "node:path";
import { GroupPool, systemRng } from "@halfroom/crypto";
import { toHex, type ReplayVerdict, type Role } from "@halfroom/session";
import { setRecoveryKey } from "../config/edit.ts";
import { codeOf, OperatorError } from "../errors.ts";
import { readBundle, writeBundle, type Bundle } from "../replay/bundle.ts";
import { HPKE_KEY_BYTES, hpkePublicKey, hpkeSeal } from "../vault/hpke.ts";
import { ownHalf } from "../replay/own-half.ts";
import { readRecoveryFile, writeRecoveryFile } from "../replay/recovery-key.ts";
import { replayHalves } from "../replay/replay-halves.ts";
import { writePrivateFile } from "../store/private-file.ts";
import { inWords, withState, type HalfroomNode } from "./node.ts";

/** What a replay showed, and of which session. */
export type ReplayResult = ReplayVerdict & { readonly session: string };

/**
 * Makes a recovery key on a machine that need not have a node: its private half goes to a new file, and its public half is returned, for
 * `useRecoveryKey`. Rejects with OperatorError `folder`.
 */
export async function makeRecoveryKey(file: string): Promise<{ readonly publicKey: string }> {
  return await inWords(async () => {
    const privateKey = systemRng.bytes(HPKE_KEY_BYTES);
    writeRecoveryFile(file, privateKey);
    const publicKey = toHex(hpkePublicKey(privateKey));
    privateKey.fill(0);
    return { publicKey };
  });
}

/**
 * From now on the node seals what replays need to this public half, 64 hexadecimal digits, of whose private half it need know nothing.
 * Rejects with OperatorError `recovery-key`, `settings`, `folder`.
 */
export async function useRecoveryKey(
  node: HalfroomNode,
  publicKey: string,
): Promise<{ readonly publicKey: string }> {
  return await withState(node, async ({ folder, audit, clock }) => {
    assertPublicKey(publicKey);
    await setRecoveryKey(folder, publicKey);
    audit.append("config-changed", { setting: "recovery_key", publicKey }, clock.now());
    return { publicKey };
  });
}

/** The public half to which the node seals now; undefined if there is none. */
export async function readRecoveryKey(
  node: HalfroomNode,
): Promise<{ readonly publicKey: string | undefined }> {
  return await withState(node, async ({ rules }) => {
    const { recovery_key: publicKey } = await rules();
    return { publicKey: publicKey === "" ? undefined : publicKey };
  });
}

/**
 * Makes a recovery key, writes its private half to a new file outside of the node's folder, and the public half into config.yaml. The
 * node keeps no copy: what it seals from now on can only be opened with the file. Rejects with OperatorError `folder`, `settings`.
 */
export async function newRecoveryKey(
  node: HalfroomNode,
  file: string,
): Promise<{ readonly publicKey: string }> {
  await withState(node, ({ folder }) => {
    if (resolve(file).startsWith(folder.path + sep))
      throw new OperatorError(
        "folder",
        "A recovery key lies elsewhere than in the node's folder: it is to open what the node cannot.",
      );
  });
  const { publicKey } = await makeRecoveryKey(file);
  return await useRecoveryKey(node, publicKey);
}

/**
 * Writes this side's half of a session to a new private file, for an agreed auditor and never for the partner: it holds data and
 * secrets. Rejects with OperatorError `no-session`, `no-replay`, `recovery-key`, `replay-data`, `file`, and `data-` codes.
 */
export async function exportReplay(
  node: HalfroomNode,
  id: string,
  { recoveryKey, out }: { readonly recoveryKey: string; readonly out: string },
): Promise<{ readonly session: string; readonly role: Role }> {
  return await withState(node, async (state) => {
    const half = await ownHalf(state, id, await readRecoveryFile(recoveryKey));
    writePrivateFile(out, "our half of the session", writeBundle(half));
    return { session: toHex(half.agreement.session), role: half.role };
  });
}

/**
 * Replays this side's half of a session, as far as it follows from its own material, or with the partner's bundle the whole of it.
 * Rejects with OperatorError as `exportReplay`, and `damaged`.
 */
export async function replayKept(
  node: HalfroomNode,
  id: string,
  { recoveryKey, partner }: { readonly recoveryKey: string; readonly partner?: string | undefined },
): Promise<ReplayResult> {
  return await withState(node, async (state) => {
    const half = await ownHalf(state, id, await readRecoveryFile(recoveryKey));
    return await replayOf(half, partner === undefined ? undefined : await bundleIn(partner));
  });
}

/** Replays a session from the bundles of both sides, or of one; no node is needed. Rejects with OperatorError `damaged`, `file`, `no-replay`. */
export async function replayBundles(own: string, partner?: string): Promise<ReplayResult> {
  return await inWords(async () =>
    replayOf(await bundleIn(own), partner === undefined ? undefined : await bundleIn(partner)),
  );
}

/** Whether the argument of a command names a bundle rather than a session. */
export function isBundle(name: string): boolean {
  return existsSync(name);
}

/** Digits that are no key, or one of small order, to which anybody could open, would be noticed in a session at the earliest. */
function assertPublicKey(publicKey: string): void {
  const words =
    "The public half of a recovery key has the 64 hexadecimal digits that halfroom recovery make printed.";
  const fault = (cause?: unknown) => new OperatorError("recovery-key", words, { cause });
  if (!/^[0-9a-f]{64}$/.test(publicKey)) throw fault();
  try {
    const nothing = new Uint8Array(0);
    const ephemeral = systemRng.bytes(HPKE_KEY_BYTES);
    hpkeSeal(Buffer.from(publicKey, "hex"), { info: nothing, aad: nothing }, nothing, ephemeral);
  } catch (cause) {
    throw fault(cause);
  }
}

async function replayOf(own: Bundle, partner: Bundle | undefined): Promise<ReplayResult> {
  const pool = await GroupPool.open(availableParallelism());
  try {
    return { session: toHex(own.agreement.session), ...(await replayHalves(own, partner, pool)) };
  } finally {
    await pool.close();
  }
}

async function bundleIn(file: string): Promise<Bundle> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new OperatorError("file", `Cannot read ${file} (${codeOf(cause)}).`, { cause });
  });
  return readBundle(bytes);
}

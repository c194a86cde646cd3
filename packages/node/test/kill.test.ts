// kill -9 in the middle of the ledger's and the audit log's transactions.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Audit } from "../src/audit/audit.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import { Vault } from "../src/vault/vault.ts";
import { scratchFolder, scratchStore } from "./fixtures.ts";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const SPENDER = fileURLToPath(new URL("kill-jobs.ts", import.meta.url));

/** A node's folder, its ledger and log, and processes that spend from it. */
function node() {
  const folder = scratchFolder();
  const keyFile = join(folder, "root");
  const root = randomBytes(32);
  writeFileSync(keyFile, root, { mode: 0o600 });
  const store = scratchStore(folder);
  const spend = (moment: "transaction" | "head" | "never", charges = 1_000_000) => {
    const args = ["--import", TYPESCRIPT, SPENDER, folder, keyFile, moment, String(charges)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
    const ended = once(child, "close");
    return { child, ended, acknowledged: () => text.split("\n").slice(0, -1) };
  };
  return { ledger: new Ledger(store, Vault.ofSecret(root)), audit: new Audit(store), spend };
}

/** Every charge has its entry in the log and the other way round; the chain holds. */
function expectConsistent({ ledger, audit }: ReturnType<typeof node>): string[] {
  const paid = ledger.entries().map(({ session }) => session);
  const told = audit.entries().map(({ facts }) => String(facts.session));
  expect(paid.toSorted()).toEqual(told.toSorted());
  expect(audit.verify().faults).toEqual([]);
  return paid;
}

test("killed within a charge: it was never taken", async () => {
  const halfroom = node();
  const { ended, acknowledged } = halfroom.spend("transaction");
  expect((await ended)[1]).toBe("SIGKILL");
  expect(acknowledged()).toHaveLength(3);
  expect(expectConsistent(halfroom).toSorted()).toEqual(acknowledged().toSorted());
});

test("killed between a charge and the head of the log: the charge holds and the next start seals the log", async () => {
  const halfroom = node();
  const { ended, acknowledged } = halfroom.spend("head");
  expect((await ended)[1]).toBe("SIGKILL");
  expect(acknowledged()).toHaveLength(3);
  const paid = expectConsistent(halfroom);
  expect(paid).toHaveLength(4);
  expect(paid).toEqual(expect.arrayContaining(acknowledged()));
  halfroom.audit.seal();
  expect(halfroom.audit.verify()).toEqual({ entries: 4, faults: [] });
});

test("two processes killed at any moment: what was acknowledged is there, and each charge once", async () => {
  const halfroom = node();
  const acknowledged: string[] = [];
  for (const moment of [5, 23, 61]) {
    const spenders = [halfroom.spend("never"), halfroom.spend("never")];
    for (const { child } of spenders) {
      child.stdout.on("data", () => {
        const soFar = spenders.reduce((count, spender) => count + spender.acknowledged().length, 0);
        if (soFar >= moment) spenders.forEach((spender) => spender.child.kill("SIGKILL"));
      });
    }
    await Promise.all(spenders.map(({ ended }) => ended));
    for (const spender of spenders) acknowledged.push(...spender.acknowledged());
    const paid = expectConsistent(halfroom);
    expect(paid).toEqual(expect.arrayContaining(acknowledged));
    // Each process may have one charge on the disk that it did not live to acknowledge.
    expect(paid.length - acknowledged.length).toBeLessThanOrEqual(6);
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(5 + 23 + 61);
});

test("two processes that race for the last of a budget never take more than there is", async () => {
  const halfroom = node();
  const spenders = [halfroom.spend("never", 60), halfroom.spend("never", 60)];
  const ends = await Promise.all(spenders.map(({ ended }) => ended));
  expect(ends.map(([code]) => code)).toEqual([0, 0]);
  expect(expectConsistent(halfroom)).toHaveLength(60);
  expect(spenders.flatMap(({ acknowledged }) => acknowledged())).toHaveLength(60);
});

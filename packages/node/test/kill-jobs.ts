// A process that spends budget until it is killed: `node --import tools/typescript.js kill-jobs.ts FOLDER KEYFILE MOMENT CHARGES`. It prints
// each session as soon as its charge is acknowledged, and ends when the budget of CHARGES is used up. MOMENT is where it ends itself: `transaction`, within the fourth charge;
// `head`, when the fourth charge is on the disk and the audit log's head is not; `never`.
import { readFileSync, writeSync } from "node:fs";
import { Audit } from "../src/audit/audit.ts";
import { ProtocolError } from "@halfroom/wire";
import { Ledger } from "../src/ledger/ledger.ts";
import { Store } from "../src/store/store.ts";
import { costOf, noiseOf } from "@halfroom/testkit";
import { Vault } from "../src/vault/vault.ts";

const [folder, keyFile, moment, charges] = process.argv.slice(2);
const store = Store.open(folder!);
const ledger = new Ledger(store, Vault.ofSecret(readFileSync(keyFile!)));
const audit = new Audit(store);
const die = () => process.kill(process.pid, "SIGKILL");

/** So large that many charges cost no less together than one after the other. */
const EPSILON = 1_000_000;

function spend(charge: number): void {
  const session = `${process.pid}-${charge}`;
  store.transaction(() => {
    if (moment === "head" && charge === 4) store.afterCommit(die);
    ledger.take({
      session,
      partner: { key: "publisher", name: "publisher" },
      population: "people",
      release: noiseOf(EPSILON),
      cost: costOf(EPSILON),
      budgetMicroEpsilon: EPSILON * Number(charges),
      populationMicroEpsilon: EPSILON * Number(charges),
      lifetimeMicroEpsilon: EPSILON * Number(charges),
      numbers: 1,
      bits: 20,
      numbersMax: Number(charges),
      populationNumbersMax: 1_000,
      exactSessions: 0,
      periodDays: 30,
      noise: new Uint8Array(4096),
      now: Date.now(),
    });
    audit.append("budget-taken", { session }, Date.now());
    if (moment === "transaction" && charge === 4) die();
  });
  writeSync(1, `${session}\n`);
}

try {
  for (let charge = 1; ; charge++) spend(charge);
} catch (error) {
  if (!(error instanceof ProtocolError) || error.code !== "refused") throw error;
}

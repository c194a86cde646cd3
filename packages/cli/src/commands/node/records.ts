// What happened: the ledger, the audit log, receipts.
import { formatEpsilon, printReceipt } from "@halfroom/node";
import { drawTable } from "@halfroom/report";
import { badInput, EXIT, Failure } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";

export async function ledgerCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const entries = await withNode(flags, (node) => node.ledger.entries());
  if (flags.json) return console.log(JSON.stringify(entries, undefined, 2));
  if (entries.length === 0) return console.log("Nothing was spent yet.");
  const rows = entries.map((entry) => [
    entry.session.slice(0, 12),
    entry.partner,
    entry.population,
    entry.mode === "exact" ? "exact" : formatEpsilon(entry.microEpsilon),
    entry.settled ? "released" : "spent, not released",
    new Date(entry.takenAt).toISOString(),
  ]);
  console.log(drawTable(["session", "partner", "population", "epsilon", "state", "taken"], rows, 6));
}

export async function auditListCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const entries = await withNode(flags, (node) => node.audit.entries());
  for (const { number, at, kind, facts, hash } of entries) {
    if (flags.json) console.log(JSON.stringify({ number, at, kind, facts, hash }));
    else console.log(`${number} ${new Date(at).toISOString()} ${kind} ${JSON.stringify(facts)}`);
  }
}

export async function auditVerifyCommand(flags: HomeFlags): Promise<void> {
  const { entries, faults } = await withNode(flags, (node) => node.audit.verify());
  for (const { number, fault, words } of faults) console.log(`entry ${number}: ${fault}: ${words}`);
  if (faults.length > 0)
    throw new Failure(EXIT.protocolFailure, `The audit log does not hold: ${faults.length} faults.`);
  console.log(`The audit log holds: ${entries} entries, none edited, removed or moved.`);
}

export async function receiptCommand(flags: HomeFlags & { id: string }): Promise<void> {
  await withNode(flags, (node) => {
    const row = node.sessions
      .list()
      .find(({ id, session }) => id === flags.id || session?.startsWith(flags.id));
    const receipt = row?.session === undefined ? undefined : node.receipts.get(row.session);
    if (row === undefined || receipt === undefined) {
      throw badInput(
        `There is no receipt of ${flags.id}; halfroom sessions lists the sessions that are done.`,
      );
    }
    const nameOf = (role: "sender" | "receiver") => (role === row.role ? "this node" : row.partner);
    const names = { sender: nameOf("sender"), receiver: nameOf("receiver") };
    process.stdout.write(printReceipt(receipt, { ...names, agreedAt: row.updatedAt }));
  });
}

// `npm run test:old-entries -- [--sessions N]`: a node with N old sessions, ledger entries and grants (500,000), and twice as many entries in its
// log; how long each command's own work takes on it, in milliseconds, the first time in the process.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { verifyAudit, verifyLedger } from "../../src/api/index.ts";
import { handleOf } from "../../src/api/node.ts";
import { openLog } from "../../src/serve/log.ts";
import { serve } from "../../src/serve/serve.ts";
import { useAll } from "./commands.ts";
import { makeOldNode, openOldNode } from "./old-node.ts";

const { values } = parseArgs({ options: { sessions: { type: "string", default: "500000" } } });
const sessions = Number(values.sessions);

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await work();
  process.stdout.write(`${name.padEnd(64)} ${(performance.now() - startedMs).toFixed(0).padStart(8)} ms\n`);
  return result;
}

const root = mkdtempSync(join(tmpdir(), "halfroom-old-entries-"));
try {
  const path = join(root, "node");
  await timed(`(made: ${sessions} sessions, ${2 * sessions} log entries)`, () => makeOldNode(path, sessions));
  // What the first start after many entries does once: the log's checkpoint.
  (await timed("(the first start)", () => openOldNode(path))).close();
  const state = await timed("any command: opening the node", () => openOldNode(path));
  await useAll(state, timed);
  const serving = await timed("serve: until it is ready", () =>
    serve(state, openLog({ ...state.settings, log_level: "silent" })),
  );
  for (const probe of ["healthz", "readyz", "metrics"])
    await timed(
      `serve: /${probe}`,
      async () => await (await fetch(`http://${serving.admin}/${probe}`)).text(),
    );
  await serving.close();
  await timed("doctor: whether the file is whole (reads all of it)", () => state.store.isWhole());
  await timed("audit verify (reads all)", async () => {
    await verifyAudit(handleOf(state));
    await verifyLedger(handleOf(state), { each: true });
  });
  state.close();
} finally {
  rmSync(root, { recursive: true, force: true });
}

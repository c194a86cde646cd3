// A process that delivers what a node's outbox holds: `node --import tools/typescript.js deliver-jobs.ts FOLDER MOMENT`. MOMENT is where it ends
// itself, as by kill -9: `rename`, when a file is written and has not got its name; `settle`, when the report is where it belongs and the
// node does not know; `never`.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { deliverEvents } from "../src/api/events.ts";
import { openNode } from "../src/api/node.ts";
import { Events } from "../src/events/events.ts";

const [folder, moment] = process.argv.slice(2);
const die = () => process.kill(process.pid, "SIGKILL");

if (moment === "rename") {
  fs.rename = async () => void die();
  syncBuiltinESMExports();
}
if (moment === "settle") Events.prototype.settle = () => void die();

const node = await openNode(folder!);
await deliverEvents(node);
node.close();

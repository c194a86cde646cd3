// What a leader holds of its own people, step after step, in one process: it prepares a dataset, takes pseudonyms drawn at random for those
// that a session would make, and cuts people into shards.
//
//     node --import ./tools/typescript.js packages/session/test/bench/leader.ts --role sender --people 20000000 [--keys 3] [--folder DIR]
//
// A line of JSON for each step: processor seconds, and the most memory that the process has had so far.
import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hash256, RecordStore, systemRng } from "@halfroom/crypto";
import { datasetSchema, prepareReceiverDataset, prepareSenderDataset } from "@halfroom/prepare";
import { exactSums, writeParquet } from "@halfroom/testkit";
import { PSEUDONYM_WORDS } from "../../src/pseudonymise/keys.ts";
import { SessionItems } from "../../src/pseudonymise/session-items.ts";
import { roomOf, SHARD_PEOPLE_MAX, shardSizes } from "../../src/shards/sizes.ts";
import { Split, type SidePeople } from "../../src/shards/split.ts";
import { layoutOf } from "../../src/table/layout.ts";
import { PlacedItems } from "../../src/table/orders.ts";
import { PayingItems } from "../../src/table/payloads.ts";
import { paddedCells } from "../../src/terms/bounds.ts";

const CELLS = 40;
const PIECE = 4096;
const MIB = 2 ** 20;

const { values: flags } = parseArgs({
  options: {
    role: { type: "string", default: "sender" },
    people: { type: "string", default: "1000000" },
    keys: { type: "string", default: "1" },
    folder: { type: "string" },
    write: { type: "string" },
  },
});

/** In a process of its own: it has memory of its own. */
if (flags.write !== undefined) {
  await writeParquet(
    flags.write,
    `select 'person' || i || '@example.com' as email, 'p' || i as card, 'id' || i as id,
       (i % 500) || '.' || (10 + i % 90) as amount, 'campaign ' || (i % ${CELLS}) as campaign from range(${flags.people}) r(i)`,
  );
  process.exit();
}

const root = mkdtempSync(join(flags.folder ?? tmpdir(), "halfroom-leader-"));
const file = join(root, "people.parquet");
execFileSync(process.execPath, [
  ...process.execArgv,
  process.argv[1]!,
  "--write",
  file,
  "--people",
  flags.people,
]);

let before = process.cpuUsage();
function tell(step: string): void {
  const { user, system } = process.cpuUsage(before);
  const peakMiB = Math.round((process.resourceUsage().maxRSS * 1024) / MIB);
  console.log(JSON.stringify({ step, cpuSeconds: Math.round((user + system) / 1e5) / 10, peakMiB }));
  before = process.cpuUsage();
}

const records = new RecordStore({ openFolder: async () => root });
const match = ["email", "card", "id"].slice(0, Number(flags.keys));
const dataset = datasetSchema.parse({
  name: "bench",
  source: { parquet: file },
  match: Object.fromEntries(
    match.map((key) => [key, key === "email" ? { columns: key } : { columns: key, type: "custom" }]),
  ),
  measures: { amount: {} },
  dimensions: { campaign: {} },
});
const measures = [{ name: "amount", low: 0n, high: 50_000n, decimals: 2 }];
const terms = exactSums({ groupBy: ["campaign"], measures, threshold: 100, otK: 4 });
const layout = layoutOf(
  { ...terms, match: match.map((key) => ({ key, label: key })) },
  { categories: 1, cells: [paddedCells(CELLS)] },
);

/** The people's items, and what of them enters the match. */
async function prepared() {
  const options = { scratch: root, records };
  if (flags.role === "sender") {
    const all = await prepareSenderDataset(dataset, { match, measures, dimensions: [] }, options);
    const numbers = new PayingItems(all, layout);
    const numbersOf: SidePeople["numbersOf"] = (words, items) => {
      return { payloads: numbers.payloads(words, items, Uint32Array.of(0)), cellsOf: [], times: [] };
    };
    return { all, numbers, numbersOf };
  }
  const all = await prepareReceiverDataset(dataset, { match, partitions: [["campaign"]] }, options);
  const numbers = new PlacedItems(all, layout);
  const orders = [Uint32Array.from({ length: CELLS }, (_, cell) => cell)];
  const numbersOf: SidePeople["numbersOf"] = (words, items) => {
    return { payloads: [], ...numbers.cellsAndTimes(words, items, orders) };
  };
  return { all, numbers, numbersOf };
}

const { all, numbers, numbersOf } = await prepared();
tell("prepare");

const items = await SessionItems.of(all, numbers.count, records);
const pseudonyms = records.records(PSEUDONYM_WORDS);
for (let start = 0; start < all.identifiers.count; start += PIECE) {
  const rows = Math.min(PIECE, all.identifiers.count - start);
  const drawn = randomFillSync(new Uint32Array(rows * PSEUDONYM_WORDS));
  for (let row = 0; row < rows; row++) drawn[row * PSEUDONYM_WORDS] = start + row;
  pseudonyms.append(drawn);
  await pseudonyms.settled();
}
await all.identifiers.close();
tell("pseudonyms");

const role = flags.role === "sender" ? "sender" : "receiver";
const [ofSender, ofReceiver] = role === "sender" ? [numbers.count, 1] : [1, numbers.count];
const sizes = shardSizes(ofSender, ofReceiver, SHARD_PEOPLE_MAX);
const people = { pseudonyms: items.pseudonyms(pseudonyms, systemRng), numbers, numbersOf };
const split = await Split.of(people, hash256("bench/session", new Uint8Array(0)), sizes.shards, records);
tell("split");

for (let shard = 0; shard < sizes.shards; shard++) await split.people(shard, roomOf(sizes, role), systemRng);
tell(`${sizes.shards} shards`);
await records.close();
rmSync(root, { recursive: true });

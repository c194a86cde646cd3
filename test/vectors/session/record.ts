// Writes the session vectors: `npm run vectors`. With `-- --frames FOLDER` every frame in full as well, as
// FOLDER/NAME/NUMBER-ROLE-TYPE.bin, for an implementation that plays one role against the recorded other.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { GroupPool } from "@halfroom/crypto";
import { laneFrame } from "../../shards/sharded.ts";
import { INPUTS } from "./inputs.ts";
import { recordVector, typeOf, type SessionFrame } from "./vector.ts";

const { values: flags } = parseArgs({ options: { frames: { type: "string" } } });
const pool = await GroupPool.open(0);
for (const input of INPUTS) {
  const { vector, frames } = await recordVector(input, pool);
  writeFileSync(new URL(`${input.name}.json`, import.meta.url), `${JSON.stringify(vector, undefined, 1)}\n`);
  if (flags.frames !== undefined) writeFrames(join(flags.frames, input.name), frames);
}
await pool.close();

function writeFrames(folder: string, frames: readonly SessionFrame[]): void {
  mkdirSync(folder, { recursive: true });
  frames.forEach(({ from, bytes }, i) => {
    const { lane, frame } = laneFrame({ direction: "sent", frame: bytes });
    const name = [String(i).padStart(3, "0"), from, ...(lane < 0 ? [] : [`lane${lane}`]), typeOf(frame)];
    writeFileSync(join(folder, `${name.join("-")}.bin`), bytes);
  });
}

// Writes the vectors of this folder again: `node --import ./tools/typescript.js test/vectors/aggregate/write.ts`.
import { writeFileSync } from "node:fs";
import { networkExample } from "./network.ts";

writeFileSync(new URL("network.json", import.meta.url), `${JSON.stringify(networkExample(), null, 2)}\n`);

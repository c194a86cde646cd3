// Writes the vectors of this folder again: `node --import ./tools/typescript.js test/vectors/node/write.ts`.
import { writeFileSync } from "node:fs";
import { fileText, NODE_VECTORS } from "./vectors.ts";

for (const [name, make] of Object.entries(NODE_VECTORS)) {
  writeFileSync(new URL(`${name}.json`, import.meta.url), fileText(make()));
}

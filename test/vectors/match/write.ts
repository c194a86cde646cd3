// Writes the vectors of this folder again: `node --import ./tools/typescript.js test/vectors/match/write.ts`.
import { writeFileSync } from "node:fs";
import { binVectors } from "./bins.ts";

writeFileSync(new URL("bins.json", import.meta.url), `${JSON.stringify(await binVectors(), null, 2)}\n`);

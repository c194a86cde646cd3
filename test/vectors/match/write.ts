// Writes the vectors of this folder again: `node --import ./tools/typescript.js test/vectors/match/write.ts`.
import { writeFileSync } from "node:fs";
import { binVectors } from "./bins.ts";
import { vectorExample } from "./vector.ts";

const write = (file: string, vectors: object) =>
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);

write("bins.json", await binVectors());
write("vector.json", await vectorExample());

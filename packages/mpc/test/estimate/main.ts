// Prints the tables of protocol-spec.md, section 16.4: node --import ./tools/typescript.js packages/mpc/test/estimate/main.ts
import { estimates } from "./table.ts";

for (const [name, rows] of Object.entries(estimates()))
  for (const row of rows) console.log(name, Object.values(row).join(" | "));

// Prints the table of protocol-spec.md, section 16.4: node --import ./tools/typescript.js packages/mpc/test/estimate/main.ts
import { DELTA, estimates } from "./table.ts";

console.log(`distance ${DELTA} n`);
for (const row of estimates()) console.log(Object.values(row).join(" | "));

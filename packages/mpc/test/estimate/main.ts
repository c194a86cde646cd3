// Prints the table of protocol-spec.md, section 16.4: node --import ./tools/typescript.js packages/mpc/test/estimate/main.ts
import { estimates } from "./table.ts";

for (const row of estimates()) console.log(Object.values(row).join(" | "));

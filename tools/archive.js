// `npm run release`: what a release consists of, in `dist`: the archive for npm, its bill of materials and the checksums of both. The
// same commit, Node.js, npm and compilers give the same bytes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RELEASE } from "./places.js";
import { billOfMaterials } from "./sbom.js";

const DIST = dirname(RELEASE);

await import("./release.js");
const packed = execFileSync("npm", ["pack", RELEASE, "--json", "--pack-destination", DIST], {
  encoding: "utf8",
  maxBuffer: 1 << 24,
});
const [{ filename }] = Object.values(JSON.parse(packed));
const bill = filename.replace(/\.tgz$/, ".cdx.json");
writeFileSync(join(DIST, bill), `${JSON.stringify(billOfMaterials(), undefined, 2)}\n`);
const sums = [filename, bill].map((name) => {
  const sum = createHash("sha256").update(readFileSync(join(DIST, name)));
  return `${sum.digest("hex")}  ${name}\n`;
});
writeFileSync(join(DIST, "SHA256SUMS"), sums.join(""));
process.stdout.write(`In ${DIST}:\n${sums.join("")}`);

#!/usr/bin/env node
// The benchmark of a checkout: `npm run bench`. It runs from source, but measures the compiled command.
import "../../../tools/typescript.js";

await import("../src/command.ts");

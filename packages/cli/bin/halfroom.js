#!/usr/bin/env node
// The command in a checkout: runs the compiled sources, and compiles them first if they have changed. SIGUSR1, as in the compiled
// command (tools/bundle.js), opens no inspector.
process.on("SIGUSR1", () => {});
const { builtCommand } = await import("../../../tools/checkout.js");
await import(await builtCommand());

#!/usr/bin/env node
// The sources run as they are: tsx strips their types. A tsconfig.json in the caller's folder is none of our business.
import { register } from "tsx/esm/api";

register({ tsconfig: false });
const { main } = await import("../src/main.ts");
// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await main(process.argv.slice(2));
// The command is over: a handle that something left open must not keep the process. What was written leaves first.
process.stdout.write("", () => process.exit());

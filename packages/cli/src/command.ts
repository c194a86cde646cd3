// The program `halfroom`: runs one command and ends the process.
import { main } from "./main.ts";

// A reader that stops early, such as `head`, is not a failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await main(process.argv.slice(2));
// The command is done: a handle left open must not keep the process alive. Pending output is flushed first.
process.stdout.write("", () => process.exit());

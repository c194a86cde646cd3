// What the program `halfroom` does with its process.
import { main } from "./main.ts";

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await main(process.argv.slice(2));
// The command is over: a handle that something left open must not keep the process. What was written leaves first.
process.stdout.write("", () => process.exit());

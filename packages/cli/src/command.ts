// The program `halfroom`: runs one command and ends the process.
import { EXIT } from "./failure.ts";
import { main } from "./main.ts";
import { tell } from "./print.ts";

process.stdout.on("error", endIfUnwritten);
// Nobody is left to tell.
process.stderr.on("error", () => {});
process.exitCode = await main(process.argv.slice(2));
// The command is done: a handle left open must not keep the process alive. Pending output is flushed first.
process.stdout.write("", (error) => {
  if (error) endIfUnwritten(error);
  process.exit();
});

/** Output that a disk has no room for is a failure. A reader that stops early, such as `head`, is none. */
function endIfUnwritten({ code }: NodeJS.ErrnoException): void {
  if (code === "EPIPE") return;
  tell(`halfroom: The output cannot be written (${code}); send it where there is room, and run this again.`);
  process.exit(EXIT.badInput);
}

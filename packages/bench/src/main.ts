// The benchmark's command line: flags in, exit code out.
import { printable } from "@halfroom/report";
import yargs, { type Argv } from "yargs";
import { badInput, Failure } from "./failure.ts";
import { FLAGS } from "./flags.ts";

const EXIT_CODES = "Exit codes: 0 done, 2 bad input or flags, 3 a measured session failed.";

/** Runs one benchmark; errors go to stderr. Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await parser(argv).parseAsync();
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`bench: ${error.message.split("\n").map(printable).join("\n")}`);
    return error.exitCode;
  }
}

function parser(argv: readonly string[]): Argv {
  return yargs([...argv])
    .scriptName("npm run bench --")
    .command(
      "$0",
      "Run two nodes over large sets and print the speed of each stage.",
      (command) => command.options(FLAGS),
      async (flags) => (await import("./sessions/command.ts")).sessionsCommand(flags),
    )
    .command(
      "prepare",
      "Only preparation: rows of every kind of source to people.",
      (command) => command.options(FLAGS),
      async (flags) => (await import("./prepare/command.ts")).prepareCommand(flags),
    )
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "duplicate-arguments-array": false,
    })
    .epilogue(EXIT_CODES)
    .locale("en")
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      // yargs reports text that it cannot parse as a YError.
      if (error !== undefined && error.name !== "YError") throw error;
      throw badInput(`${message.replace(/\s+/g, " ")}\nSee --help.`);
    });
}

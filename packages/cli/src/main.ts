// The command line: flags in, exit code out. Commands are loaded when they run, so that --help is quick.
import { printable } from "@halfroom/report";
import yargs from "yargs";
import type { Argv } from "yargs";
import { registerNodeCommands } from "./commands/node/register.ts";
import { EXIT, Failure, badInput } from "./failure.ts";
import { benchFlags, demoFlags, halfFlags, refuseRepeated, rehearseFlags } from "./flags.ts";
import { CLEAR_LINE } from "./progress.ts";

const EXIT_CODES = `Exit codes: ${EXIT.done} done, ${EXIT.badInput} bad input or flags, ${EXIT.protocolFailure} protocol failure, ${EXIT.refused} refused.`;

/** Runs one command; errors go to stderr in one or two lines. Returns the exit code, never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await parser(argv).parseAsync();
    return EXIT.done;
  } catch (error) {
    return report(error);
  }
}

function parser(argv: readonly string[]): Argv {
  const cli = yargs([...argv])
    .scriptName("halfroom")
    .usage(
      "$0 <command>\n\nCounts and sums over the people whom two parties share, without showing who they are.",
    )
    .command(
      "rehearse",
      "Run both halves on this machine, on two files.",
      (command) => command.options(rehearseFlags).epilogue(REHEARSE_EXAMPLE),
      async (flags) => (await import("./commands/rehearse.ts")).rehearseCommand(flags),
    )
    .command(
      "half",
      "Run one half, beside its own data.",
      (command) => command.options(halfFlags).epilogue(HALF_EXAMPLE),
      async (flags) => (await import("./commands/half.ts")).halfCommand(flags),
    )
    .command(
      "demo",
      "Write two files of invented people, rehearse on them, check the report.",
      (command) => command.options(demoFlags),
      async (flags) => (await import("./commands/demo.ts")).demoCommand(flags),
    )
    .command(
      "bench [part]",
      "Run two nodes on large files and print the speed of each stage; `prepare` is preparation alone, from every source.",
      (command) =>
        command
          .positional("part", { type: "string", choices: ["prepare"], describe: "one part of the work" })
          .options(benchFlags),
      async ({ part, ...flags }) =>
        part === "prepare"
          ? (await import("./commands/bench-prepare.ts")).benchPrepareCommand(flags)
          : (await import("./commands/bench.ts")).benchCommand(flags),
    );
  return registerNodeCommands(cli)
    .demandCommand(1, 1, "Name a command; halfroom --help lists them.", "Name one command only.")
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
    })
    .check(refuseRepeated)
    .epilogue(EXIT_CODES)
    .locale("en")
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      // yargs has an error type of its own for text that it cannot make flags of; all others are from commands.
      if (error !== undefined && error.name !== "YError") throw error;
      throw badInput(
        `${message.replace(/\s+/g, " ")}\nhalfroom --help and halfroom <command> --help say more.`,
      );
    });
}

const REPORT = `--match email --measure amount:0:500:2 --group-by campaign,age_band \\
    --threshold 50 --exact`;

const REHEARSE_EXAMPLE = `Example: people and amounts by campaign and age band
  halfroom rehearse --sender conversions.csv --receiver exposures.csv \\
    ${REPORT}`;

const HALF_EXAMPLE = `Example: the same report, each line on its own side
  halfroom half --role receiver --listen 127.0.0.1:7400 --file exposures.csv \\
    ${REPORT}
  halfroom half --role sender --connect ws://127.0.0.1:7400 --file conversions.csv \\
    ${REPORT}`;

function report(error: unknown): number {
  const failure = error instanceof Failure ? error : unforeseen(error);
  if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
  console.error(`halfroom: ${failure.message.split("\n").map(printable).join("\n")}`);
  if (process.env["HALFROOM_DEBUG"] === "1") console.error(failure.cause ?? failure);
  return failure.exitCode;
}

/** Errors that no command has words for may quote data and stay out of sight. */
function unforeseen(cause: unknown): Failure {
  const message = "internal: a defect on this side; HALFROOM_DEBUG=1 shows where.";
  return new Failure(EXIT.protocolFailure, message, { cause });
}

// The command line: flags in, exit code out. Commands are loaded when they run, so that --help is quick.
import { inspect } from "node:util";
import yargs from "yargs";
import type { Argv } from "yargs";
import { registerNodeCommands } from "./commands/node/register.ts";
import { EXIT, OperatorError, badInput } from "./failure.ts";
import { demoFlags, refuseRepeated, rehearseFlags } from "./flags.ts";
import { CLEAR_LINE } from "./progress.ts";
import { tell, tellJson } from "./print.ts";

const VERSION_HELP =
  "halfroom --version [--json] prints version, commit, elliptic-curve kernel and protocols.";
const EXIT_CODES = `Exit codes: ${EXIT.done} done, ${EXIT.badInput} bad input or flags, ${EXIT.protocolFailure} protocol failure, ${EXIT.refused} refused.`;

/** Runs one command; errors go to stderr in one or two lines. Returns the exit code, never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    if (argv[0] === "--version") await version(argv.slice(1));
    else await parser(argv).parseAsync();
    return EXIT.done;
  } catch (error) {
    return report(error, argv.includes("--json"));
  }
}

async function version(flags: readonly string[]): Promise<void> {
  const unknown = flags.find((flag) => flag !== "--json");
  if (unknown !== undefined) throw badInput(`--version takes --json, and not ${unknown}.`);
  await (await import("./commands/version.ts")).versionCommand({ json: flags.length > 0 });
}

function parser(argv: readonly string[]): Argv {
  const cli = yargs([...argv])
    .scriptName("halfroom")
    .usage(
      "$0 <command>\n\nCounts and sums over the people whom two parties share, without revealing who they are.",
    )
    .command(
      "rehearse [request]",
      "Run a report on two nodes of this machine, before there is a partner.",
      (command) =>
        command
          .positional("request", { type: "string", describe: "the report request (YAML)" })
          .options(rehearseFlags)
          .epilogue(REHEARSE_EXAMPLES),
      async (flags) => (await import("./commands/rehearse.ts")).rehearseCommand(flags),
    )
    // `rehearse` starts this twice; it is not for users.
    .command("rehearsal-side", false, {}, async () => (await import("./rehearsal/side.ts")).sideCommand())
    .command(
      "demo",
      "Write two files of invented people, rehearse on them, check the report against a plain join.",
      (command) => command.options(demoFlags),
      async (flags) => (await import("./commands/demo.ts")).demoCommand(flags),
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
    .epilogue(`${VERSION_HELP}\n${EXIT_CODES}`)
    .locale("en")
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      // yargs reports text that it cannot parse as a YError; any other error comes from a command.
      if (error !== undefined && error.name !== "YError") throw error;
      throw badInput(`${message.replace(/\s+/g, " ")}\nSee halfroom --help and halfroom <command> --help.`);
    });
}

const REHEARSE_EXAMPLES = `Examples:
  halfroom rehearse roi.yaml --ours purchases.csv --theirs exposures.csv
  halfroom rehearse roi.yaml --ours crm.parquet --ours-match email=mail --theirs 'log/*.ndjson' --theirs-time seen_at
  halfroom rehearse --sender conversions.csv --receiver exposures.csv --match email,phone \\
    --measure amount:0:500:2 --group-by campaign,age_band --threshold 50 --exact`;

/** Says on stderr what went wrong: in words, or as one JSON object where the command's results are JSON. */
function report(error: unknown, asJson: boolean): number {
  const failure = error instanceof OperatorError ? error : unforeseen(error);
  if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
  if (asJson) tellJson({ error: failure });
  else tell(`halfroom: ${failure.message}`);
  if (process.env["HALFROOM_DEBUG"] === "1") tell(inspect(failure.cause ?? failure));
  return failure.exit;
}

/** The message of an unforeseen error may quote data, so it is not shown. */
function unforeseen(cause: unknown): OperatorError {
  const message = "internal: a defect on this side; HALFROOM_DEBUG=1 shows where.";
  return new OperatorError("internal", message, { cause });
}

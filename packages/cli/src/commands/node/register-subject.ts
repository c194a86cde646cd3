// The flags and help of `subject`.
import type { Argv } from "yargs";

export function registerSubject(cli: Argv): Argv {
  return cli.command(
    "subject <file>",
    "Say what this node holds of the people in a file, or on standard input (-): rows, opt-outs, kept pseudonyms and sessions.",
    (command) =>
      command
        .positional("file", {
          type: "string",
          demandOption: true,
          describe: "CSV, NDJSON or Parquet; - is CSV",
        })
        .options({
          home: {
            type: "string",
            requiresArg: true,
            describe: "the node's folder [default: $HALFROOM_HOME, else ~/.halfroom]",
          },
          match: {
            type: "string",
            requiresArg: true,
            array: true,
            default: [] as string[],
            defaultDescription: "none",
            describe: "KEY=COLUMN, if the file's columns are not named after the keys; repeatable",
          },
          hashed: { type: "boolean", default: false, describe: "the file holds SHA-256 digests" },
          json: { type: "boolean", default: false, describe: "print JSON" },
        }),
    async ({ file, ...flags }) => {
      // The library for flags reads the single dash of an argument as an empty text.
      const source = file === "" ? "-" : file;
      await (await import("./subject.ts")).subjectCommand({ ...flags, file: source });
    },
  );
}

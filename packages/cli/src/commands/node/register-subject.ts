// The flags and help of `subject`.
import type { Argv } from "yargs";
import { home, json, list } from "./common-flags.ts";

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
          home,
          match: {
            ...list,
            defaultDescription: "none",
            describe: "KEY=COLUMN, if the file's columns are not named after the keys; repeatable",
          },
          hashed: { type: "boolean", default: false, describe: "the file holds SHA-256 digests" },
          json,
        }),
    async ({ file, ...flags }) => {
      // The library for flags reads the single dash of an argument as an empty text.
      const source = file === "" ? "-" : file;
      await (await import("./subject.ts")).subjectCommand({ ...flags, file: source });
    },
  );
}

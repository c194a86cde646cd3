// The flags and help of `series`.
import type { Argv } from "yargs";
import { home, id, json, text } from "./common-flags.ts";

const series = () => import("./series.ts");

export function registerSeries(cli: Argv): Argv {
  return cli.command("series", "Reports that repeat.", (command) =>
    command
      .command(
        "$0",
        "List the series: what ran, what is next, what is left of their budgets.",
        (sub) => sub.options({ home, json }),
        async (flags) => (await series()).seriesListCommand(flags),
      )
      .command(
        "show <id>",
        "Show a series and all its runs.",
        (sub) => sub.positional("id", id).options({ home, json }),
        async (flags) => (await series()).seriesShowCommand(flags),
      )
      .command(
        "end <id>",
        "End a series before its last run; what is reserved for it is free again.",
        (sub) => sub.positional("id", id).options({ home, json }),
        async (flags) => (await series()).seriesEndCommand(flags),
      )
      .command(
        "trend <id>",
        "Show the numbers of a series run by run, with intervals, and how far runs differ.",
        (sub) =>
          sub.positional("id", id).options({
            home,
            json,
            csv: { type: "boolean", default: false, describe: "print CSV with one number a line" },
            html: { type: "boolean", default: false, describe: "print one HTML page that needs no network" },
            out: { ...text, describe: "write to this file instead" },
          }),
        async (flags) => {
          const { seriesTrendCommand, TREND_FORMS } = await series();
          await seriesTrendCommand({ ...flags, forms: TREND_FORMS.filter((form) => flags[form]) });
        },
      ),
  );
}

// `halfroom cluster ...`, `halfroom worker ...` and `halfroom gateway`: flags and help. Each command's code is loaded when it runs.
import type { Argv } from "yargs";
import { wholeNumber } from "../../flags.ts";
import { home, id, json, name, text } from "./common-flags.ts";

const cluster = () => import("./cluster.ts");
const worker = () => import("./worker.ts");

export function registerCluster(cli: Argv): Argv {
  return cli
    .command("cluster", "This node's other machines.", (command) =>
      command
        .command(
          "$0",
          "Show workers, jobs and rates.",
          (sub) => sub.options({ home, json }),
          async (flags) => (await cluster()).clusterCommand(flags),
        )
        .command(
          "add <request>",
          "Let a worker take part, by the request that it printed.",
          (sub) =>
            sub
              .positional("request", id)
              .options({ home, name: { ...text, describe: "another name for it than it has itself" } }),
          async (flags) => (await cluster()).clusterAddCommand(flags),
        )
        .command(
          "remove <name>",
          "Give a worker no further key.",
          (sub) => sub.positional("name", id).options({ home }),
          async (flags) => (await cluster()).clusterRemoveCommand(flags),
        ),
    )
    .command("worker", "A machine that computes for a node.", (command) =>
      command
        .command(
          "$0",
          "Compute until stopped.",
          (sub) =>
            sub.options({ home, threads: { ...text, describe: "worker threads [default: one a core]" } }),
          async ({ threads: given, ...flags }) => {
            const threads = given === undefined ? undefined : wholeNumber("threads", given, 1, 1024);
            await (await worker()).workerCommand({ ...flags, threads });
          },
        )
        .command(
          "enrol",
          "Make a worker, and print its request for the leader.",
          (sub) => sub.options({ home, name: { ...name, describe: "what it is called" } }),
          async (flags) => (await worker()).workerEnrolCommand(flags),
        ),
    )
    .command(
      "gateway",
      "Pass partners' connections on to a leader.",
      (command) =>
        command.options({
          to: { ...text, demandOption: true, describe: "HOST:PORT where the leader listens for partners" },
        }),
      async (flags) => (await import("./gateway.ts")).gatewayCommand(flags),
    );
}

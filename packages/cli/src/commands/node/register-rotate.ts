// The flags and help of `rotate`.
import type { Argv } from "yargs";
import { home, id, json } from "./common-flags.ts";

const rotating = () => import("./rotate.ts");
const flags = {
  home,
  now: { type: "boolean", default: false, describe: "use it at once, whoever lets it in" },
  json,
} as const;

export function registerRotate(cli: Argv): Argv {
  return cli.command("rotate", "Replace keys, without new invitations.", (command) =>
    command
      .command(
        "certificate",
        "Replace this node's certificate and its TLS key.",
        (sub) => sub.options(flags),
        async (given) => (await rotating()).rotateCertificateCommand(given),
      )
      .command(
        "identity",
        "Replace this node's signing key and certificate; each partner's people confirm it.",
        (sub) => sub.options(flags),
        async (given) => (await rotating()).rotateIdentityCommand(given),
      )
      .command(
        "vault",
        "Replace the key under which this node seals its secrets.",
        (sub) => sub.options({ home, json }),
        async (given) => (await rotating()).rotateVaultCommand(given),
      )
      .command(
        "epoch <partner>",
        "End the epoch with a partner and delete its key.",
        (sub) => sub.positional("partner", id).options({ home, json }),
        async (given) => (await rotating()).rotateEpochCommand(given),
      )
      .demandCommand(
        1,
        1,
        "Name a command: certificate, identity, vault or epoch.",
        "Name one command only.",
      ),
  );
}

// The commands and flags of the command line, read from its own help.
import { halfroomHere } from "../../packages/cli/test/halfroom.ts";

/** "dataset add" and its flags: "--file", "--match". Commands of commands are in it too: "dataset". */
export type CommandLine = ReadonlyMap<string, ReadonlySet<string>>;

export async function readCommandLine(): Promise<CommandLine> {
  const commands = new Map<string, ReadonlySet<string>>();
  const read = async (path: readonly string[]): Promise<void> => {
    const { stdout } = await halfroomHere([...path, "--help"]);
    if (path.length > 0) commands.set(path.join(" "), new Set(stdout.match(/(?<=^ +|\s)--[a-z][a-z-]*/gm)));
    await inTurn(subcommandsIn(stdout, path).map((name) => () => read([...path, name])));
  };
  await read([]);
  return commands;
}

/** `halfroom dataset add <name>   Name a source ...` */
function subcommandsIn(help: string, path: readonly string[]): string[] {
  const prefix = ["halfroom", ...path].join(" ");
  const [, list = ""] = /^Commands:\n((?: .*\n)+)/m.exec(help) ?? [];
  const names = list
    .split("\n")
    .flatMap((line) => new RegExp(`^ +${prefix} ([a-z][a-z-]*)( |$)`).exec(line)?.[1] ?? []);
  return [...new Set(names)];
}

async function inTurn(works: readonly (() => Promise<void>)[]): Promise<void> {
  for (const work of works) await work();
}

/** The longest command name with which a text begins after `halfroom`; undefined if there is none. */
export function commandIn(words: readonly string[], commands: CommandLine): string | undefined {
  const two = words.slice(0, 2).join(" ");
  if (commands.has(two)) return two;
  return commands.has(words[0] ?? "") ? words[0] : undefined;
}

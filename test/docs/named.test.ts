// Everything that pages name exists: commands and flags, npm scripts, files, headings. docs/cli.md names every command and flag.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { blocksOf, proseOf } from "./blocks.ts";
import { commandIn, readCommandLine, type CommandLine } from "./command-line.ts";
import { OTHER_PAGES, USER_PAGES } from "./pages.ts";
import { ROOT } from "./typing.ts";

/** CHANGELOG.md also names what was removed. */
const PAGES = [...USER_PAGES, ...OTHER_PAGES].filter((path) => path !== "CHANGELOG.md");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

let commands: CommandLine;
beforeAll(async () => {
  commands = await readCommandLine();
});

/** Command lines in blocks, with continuation lines joined, and the text between backquotes in sentences. */
function textsOf(path: string): string[] {
  const inBlocks = blocksOf(path).flatMap(({ text }) => text.replace(/\\\n\s*/g, " ").split("\n"));
  const inSentences = proseOf(path).flatMap(({ text }) =>
    /^ {4}/.test(text) ? [text] : [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!),
  );
  return [...inBlocks, ...inSentences];
}

/** Each `halfroom ...` with its words, up to what the shell reads or a comment. */
function callsIn(text: string): string[][] {
  return text
    .split(/(?:^|[\s("])halfroom (?=[a-z])/)
    .slice(1)
    .map((call) =>
      call
        .split(/\$\(|[;&)>#`]|\|(?!\w)/)[0]!
        .trim()
        .split(/[\s[\]"]+/),
    );
}

describe.each(PAGES)("%s", (path) => {
  test("names commands and flags that exist", () => {
    const faults = textsOf(join(ROOT, path)).flatMap((text) =>
      callsIn(text).flatMap((words) => {
        if (words[0]!.startsWith("-") || !/^[a-z]+$/.test(words[0]!)) return [];
        const command = commandIn(words, commands);
        if (command === undefined) return [`${text}: no such command`];
        const flags = words.flatMap((word) => /^--[a-z][a-z-]*/.exec(word)?.[0] ?? []);
        return flags
          .filter((flag) => !commands.get(command)!.has(flag) && !flag.startsWith("--theirs-"))
          .map((flag) => `${text}: ${command} has no ${flag}`);
      }),
    );
    expect(faults).toEqual([]);
  });

  test("names scripts and tests that exist", () => {
    const texts = textsOf(join(ROOT, path)).join("\n");
    const named = [...texts.matchAll(/npm run (?:-s )?([a-z:-]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    const files = [...texts.matchAll(/(?<=^|\s)((?:packages|test)\/[\w./-]*\w)/gm)].map(([, file]) => file!);
    // A package's own page refers to its own folder.
    const isThere = (file: string) =>
      existsSync(join(ROOT, file)) || existsSync(join(ROOT, dirname(path), file));
    expect(files.filter((file) => !isThere(file))).toEqual([]);
  });

  test("links to files and headings that exist", () => {
    const text = proseOf(join(ROOT, path))
      .map(({ text }) => text)
      .join("\n");
    const faults = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
      if (/^https?:/.test(link!)) return [];
      const [file, heading] = link!.split("#");
      const target = file === "" ? join(ROOT, path) : join(ROOT, dirname(path), file!);
      if (!existsSync(target)) return [`${link}: no such file`];
      if (heading === undefined || !target.endsWith(".md")) return [];
      return headingsOf(target).has(heading) ? [] : [`${link}: no such heading`];
    });
    expect(faults).toEqual([]);
  });
});

/** The anchor that GitHub makes of a heading. */
function headingsOf(path: string): Set<string> {
  const anchors = proseOf(path).flatMap(({ text }) => {
    const [, words] = /^#+ (.+)$/.exec(text) ?? [];
    if (words === undefined) return [];
    return [
      words
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ];
  });
  return new Set(anchors);
}

test("docs/cli.md has every command, and each flag of it", () => {
  const page = readFileSync(join(ROOT, "docs/cli.md"), "utf8");
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [
        /^`halfroom ([a-z -]+?)(?: [<[A-Z].*)?`$/m.exec(section.split("\n")[0]!)?.[1],
        section,
      ]),
  );
  const groups = new Set(
    [...commands.keys()].flatMap((name) => (name.includes(" ") ? [name.split(" ")[0]!] : [])),
  );
  const faults = [...commands].flatMap(([name, flags]) => {
    const section = sections.get(name);
    if (section === undefined)
      return groups.has(name) && !LISTS.has(name) ? [] : [`no section for halfroom ${name}`];
    const missing = [...flags].filter(
      (flag) => !EVERYWHERE.has(flag) && !/^--theirs-./.test(flag) && !section.includes(`\`${flag}`),
    );
    return missing.map((flag) => `halfroom ${name}: no ${flag}`);
  });
  expect(faults).toEqual([]);
});

/** Described once for all commands. */
const EVERYWHERE = new Set(["--help", "--home", "--version"]);
/** Groups that are commands too. */
const LISTS = new Set(["partners", "audit"]);

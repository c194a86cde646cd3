// The derivation labels in the packages' sources. Everything but the test tools is searched, so that a label added anywhere
// is found; a label that is not a literal is an error, except where this file knows its values.
import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);
const TEST_PACKAGES = new Set(["testkit"]);

interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every source file of every package but the test tools, without comments. */
function sources(): Source[] {
  return readdirSync(new URL("packages/", ROOT))
    .filter((name) => !TEST_PACKAGES.has(name))
    .flatMap((name) =>
      readdirSync(new URL(`packages/${name}/src/`, ROOT), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.[jt]s$/.test(file))
        .map((file) => `packages/${name}/src/${file}`),
    )
    .map((path) => ({ path, text: withoutComments(readFileSync(new URL(path, ROOT), "utf8")) }));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

/** The functions and classes that take a label, as they are called. */
const LABELLED =
  /(?<!function )\b(?:(?:hash256|hash512|encodeParts|seedRng|FixedKeyAes)\(\s*|RowHasher\(\s*"sha(?:256|512)",\s*)([^,)]+)/g;
/** Places that pass on a label from a caller, which is itself searched. */
const PASSED_ON: Readonly<Record<string, readonly string[]>> = {
  "packages/crypto/src/aes.ts": ["label"],
  "packages/crypto/src/labels.ts": ["label"],
  "packages/crypto/src/rng.ts": ["label", "label: string"],
};

/** The labels of hashes and fixed AES keys, sorted. */
export function hashLabels(): string[] {
  const labels = sources().flatMap(({ path, text }) =>
    [...text.matchAll(LABELLED)]
      .map(([, argument]) => argument!.trim())
      .filter((argument) => !(PASSED_ON[path] ?? []).includes(argument))
      .flatMap((argument) => literals(path, argument, text)),
  );
  return sorted(labels);
}

/**
 * How many parts each label is called with, the session id not counted; calls that pass on a list of unknown length are
 * not among them.
 */
export function partCounts(): Map<string, Set<number>> {
  const counts = new Map<string, Set<number>>();
  for (const { path, text } of sources()) {
    for (const match of text.matchAll(LABELLED)) {
      const label = match[1]!.trim();
      const count = partCount(argumentsAt(text, match.index + match[0].indexOf("(") + 1), text);
      if ((PASSED_ON[path] ?? []).includes(label) || count === undefined) continue;
      for (const name of literals(path, label, text))
        counts.set(name, (counts.get(name) ?? new Set()).add(count));
    }
  }
  return counts;
}

/** Parts among a call's arguments: label and session id, or with RowHasher algorithm, label and session id, come first. */
function partCount(call: readonly string[], text: string): number | undefined {
  const parts = call.slice(/^"sha\d/.test(call[0]!) ? 3 : 2).flatMap((argument) => elements(argument, text));
  return parts.includes(undefined) ? undefined : parts.length;
}

/** An argument's parts: one, or those of a list that is written out or that has just been given a name. */
function elements(argument: string, text: string): (string | undefined)[] {
  if (argument.startsWith("[")) return argumentsAt(argument, 1);
  const spread = /^\.\.\.(\w+)$/.exec(argument)?.[1];
  if (spread === undefined) return argument === "context" ? [undefined] : [argument];
  const list = text.indexOf(`const ${spread} = [`);
  return list < 0 ? [undefined] : argumentsAt(text, text.indexOf("[", list) + 1);
}

/** The arguments, or elements of a list, that begin at `start` and end where the bracket before them is closed. */
function argumentsAt(text: string, start: number): string[] {
  const found = [""];
  for (let at = start, depth = 0; depth >= 0; at++) {
    const character = text[at]!;
    if ("([{".includes(character)) depth++;
    if (")]}".includes(character)) depth--;
    if (depth === 0 && character === ",") found.push("");
    else if (depth >= 0) found[found.length - 1] += character;
  }
  return found.map((argument) => argument.trim()).filter((argument) => argument !== "");
}

/** Calls that open a supply of transfers or take a vector, at one end or at both. */
const SUPPLIES = /(?:\.(?:sending|receiving)(?:Vector)?\(|(?<!function )\bbothEnds\([^,()]*,)\s*([^,)]+)/g;

/** The purposes of supplies of transfers, sorted. `mpc` passes on what its callers name. */
export function supplyPurposes(): string[] {
  const callers = sources().filter(({ path }) => !path.startsWith("packages/mpc/"));
  return sorted(callers.flatMap(({ path, text }) => labelsOf(path, text, SUPPLIES)));
}

/** The labels under which generators are forked, sorted. A supply's ends fork by a purpose and a shard. */
export function forkLabels(): string[] {
  return sorted(sources().flatMap(({ path, text }) => labelsOf(path, text, /\.fork\(\s*([^,)]+?)\s*\)/g)));
}

function labelsOf(path: string, text: string, call: RegExp): string[] {
  return [...text.matchAll(call)].flatMap(([, argument]) => literals(path, argument!.trim(), text));
}

/** Files that hash without a label of section 1.3: the specification names each such hash. */
export function filesThatHashByThemselves(packages: readonly string[]): string[] {
  const direct = /\b(?:createHash|createHmac|hkdf(?:Sync)?)\(|\bimport\b[^;]*\bhash\b[^;]*"node:crypto"/;
  return sources()
    .filter(({ path, text }) => packages.includes(path.split("/")[1]!) && direct.test(text))
    .map(({ path }) => path)
    .toSorted();
}

/** The values that the argument of a call can have. */
function literals(path: string, argument: string, text: string): string[] {
  if (argument === "`shard/${shard}/${attempt}`") return ["shard/s/a"];
  const plain = /^"([^"]*)"$/.exec(argument);
  if (plain) return [plain[1]!];
  if (argument === "`release/${what}`")
    return unionMembers(text, "Committed").map((what) => `release/${what}`);
  if (argument === "purposeOf(partition")
    return templates(text, "purposeOf").map((t) => t.replace("${partition}", "P"));
  if (argument === "`padding/${shard}/${attempt}`") return ["padding/s/a"];
  if (argument === "`statement/salt/${what}`")
    return ["data", "filter", "seed"].map((what) => `statement/salt/${what}`);
  if (argument === "`statement/${what}`")
    return ["data", "filter", "seed"].map((what) => `statement/${what}`);
  if (argument === "`noise/bases/${draw}`") return ["noise/bases/D"];
  throw new Error(`${path}: the label ${argument} is not a literal`);
}

function unionMembers(text: string, type: string): string[] {
  const definition = new RegExp(`type ${type} =([^;]*);`).exec(text)?.[1];
  return [...(definition ?? "").matchAll(/"([^"]*)"/g)].map(([, member]) => member!);
}

/** The templates that the function of this name returns. */
function templates(text: string, name: string): string[] {
  const returned = new RegExp(`function ${name}\\([^{]*\\{\\s*return \`([^\`]*)\``, "g");
  return [...text.matchAll(returned)].map(([, template]) => template!);
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}

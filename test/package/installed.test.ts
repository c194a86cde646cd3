// `npm pack`, `npm install --global halfroom-*.tgz`, `halfroom demo`: on a machine with nothing else, with and without a compiler and a
// prebuilt add-on. installed.slow.test.ts does without install scripts, and has the other versions of Node that the package is for.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  DIST,
  exampleProject,
  Installed,
  nodeBinary,
  packWithoutPrebuilds,
  programsWithoutCompiler,
  release,
  scratch,
  TYPE_ROOTS,
  TYPESCRIPT,
} from "./install.ts";
import { expectDemo, kernelOf } from "./shown.ts";

const execute = promisify(execFile);
const LOG_IMPORTS = new URL("./log-imports.js", import.meta.url).href;

const { folder, remove } = scratch();
let packed: string;
let installed: Installed;
/** What the first installation has downloaded serves the others. */
const FROM_CACHE = ["--prefer-offline", "--cache", join(folder, "plain/home/.npm")];

beforeAll(async () => {
  packed = await release();
  installed = await Installed.open(packed, join(folder, "plain"));
});
afterAll(remove);

test("installs and shows its demo", async () => {
  expectDemo(await installed.halfroom(["demo"]));
  expect(readdirSync(join(installed.folder, "work"))).toEqual(["halfroom-demo"]);
  expect(await kernelOf(installed)).toMatch(/^native /);
});

test("is plain JavaScript that needs no loader, and brings its kernels and its page", () => {
  const files = readdirSync(installed.root, { recursive: true, encoding: "utf8" }).filter(
    (file) => !file.startsWith("node_modules/"),
  );
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining(["LICENSE", "README.md", "lib/kernels.wasm", "lib/page.json"]),
  );
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(installed.root, "package.json"), "utf8"),
  );
  expect(devDependencies).toBeUndefined();
  for (const loader of ["tsx", "esbuild", "typescript"]) {
    expect(dependencies).not.toHaveProperty(loader);
    expect(existsSync(join(installed.root, "node_modules", loader))).toBe(false);
  }
});

test("a release has the checksums of its files, and a bill of materials that names what an installation brings", () => {
  const sums = readFileSync(join(DIST, "SHA256SUMS"), "utf8").trimEnd().split("\n");
  const files = sums.map((line) => /^([0-9a-f]{64}) {2}(halfroom-[\w.-]+)$/.exec(line)!.slice(1));
  expect(files.map(([, name]) => name!.replace(/^halfroom-\d+(?:\.\d+)*/, ""))).toEqual([
    ".tgz",
    ".cdx.json",
  ]);
  for (const [sum, name] of files) {
    const bytes = readFileSync(join(DIST, name!));
    expect(createHash("sha256").update(bytes).digest("hex"), name).toBe(sum);
  }
  const bill = JSON.parse(readFileSync(join(DIST, files[1]![1]!), "utf8"));
  expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
  const named = new Map<string, string>(
    bill.components.map(({ name, scope }: { name: string; scope: string }) => [name, scope]),
  );
  const brought = packagesUnder(join(installed.root, "node_modules"));
  expect(brought.filter((name) => !named.has(name))).toEqual([]);
  const required = [...named].filter(([, scope]) => scope === "required").map(([name]) => name);
  expect(required.filter((name) => !brought.includes(name))).toEqual([]);
});

/** Names of all packages in a node_modules folder, and in those within them. */
function packagesUnder(folder: string): string[] {
  const place = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/;
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap(
    (file) => place.exec(`node_modules/${file}`)?.[1] ?? [],
  );
}

test("installs without a compiler where no prebuilt add-on runs, and uses WebAssembly; with a compiler it has the add-on", async () => {
  const sources = await packWithoutPrebuilds(packed, join(folder, "sources"));
  const path = [programsWithoutCompiler(join(folder, "programs"))];
  const flags = [...FROM_CACHE, "--allow-scripts=halfroom"];
  const slow = await Installed.open(sources, join(folder, "slow"), { path, flags });
  const compiled = () => existsSync(join(slow.root, "build/Release/halfroom_crypto.node"));
  expect(compiled()).toBe(false);
  expectDemo(await slow.halfroom(["demo"]));
  expect(await kernelOf(slow)).toBe("libsodium WebAssembly");
  await slow.rebuild(flags);
  expect(compiled()).toBe(true);
  expect(await kernelOf(slow)).toMatch(/^native /);
});

test("runs where neither the installation nor a temporary folder can be written, and leaves nothing behind", async () => {
  expectDemo(await installed.halfroomReadOnly(["demo", "--out", "demo-read-only"]));
  const home = readdirSync(join(installed.folder, "home")).filter((name) => name !== ".npm");
  expect(home).toEqual([]);
});

const EMULATOR = ["/usr/bin/qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];

/** Prints whether an add-on computes AES, and the block of FIPS 197, appendix C.1, encrypted in place. */
const AES_OF_ADDON = `
  const addon = require(process.argv[1]);
  const [schedule, block] = [Buffer.alloc(176), Buffer.from("00112233445566778899aabbccddeeff", "hex")];
  addon.aesSchedule(schedule, Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"));
  addon.aesBlocks(schedule, block, block, 0);
  console.log(addon.aesRunsHere, block.toString("hex"));
`;

/** The kernel is named only if it has passed its self-test against the results of another implementation. */
test.skipIf(process.arch === "arm64" || !existsSync(EMULATOR[0]!))(
  "brings an add-on that computes on arm64",
  async () => {
    const node = await nodeBinary("22", join(folder, "node-arm64"), "arm64");
    const { stdout, stderr } = await installed.halfroomOn([...EMULATOR, node], ["--version", "--json"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout).kernel).toBe("native portable");
    const [emulator, ...flags] = EMULATOR;
    const addon = join(installed.root, "prebuilds/linux-arm64/halfroom_crypto.node");
    const aes = await execute(emulator!, [...flags, node, "--eval", AES_OF_ADDON, addon]);
    expect(aes.stdout).toBe("true 69c4e0d86a7b0430d8cdb78070b4c55a\n");
  },
);

/** All that a command may load before it does anything: what a config file, a database and a table need. */
const LIGHT = [
  "@photostructure/sqlite",
  "cli-table3",
  "libphonenumber-js",
  "picocolors",
  "yaml",
  "yargs",
  "zod",
];

test.each([
  [["--version"], ["yargs"]],
  [["--help"], ["yargs"]],
  [["sessions"], LIGHT],
  [["partners"], LIGHT],
])("%j loads no package that it does not use", async (args, allowed) => {
  await installed.halfroom(["init"]);
  const log = join(folder, "loaded");
  writeFileSync(log, "");
  const environment = { NODE_OPTIONS: `--import=${LOG_IMPORTS}`, HALFROOM_TEST_LOG: log };
  expect(await installed.halfroom(args, environment)).toMatchObject({ exitCode: 0, stderr: "" });
  const loaded = readFileSync(log, "utf8").trim().split("\n");
  const packages = loaded.map((path) => /halfroom\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  const direct = new Set(packages.filter((name) => name !== undefined));
  expect([...direct].filter((name) => !allowed.includes(name))).toEqual([]);
  expect(loaded.some((path) => path.endsWith("lib/command.js"))).toBe(true);
});

test("is a library whose example has types that resolve on their own, and runs", async () => {
  const project = exampleProject(installed, join(folder, "example"));
  const flags = ["--noEmit", "--strict", "--checkJs", "--skipLibCheck", "false", "--target", "es2023"];
  // The example itself uses Node's files; the library's own types need nothing but its dependencies.
  const nodeNext = ["--module", "nodenext", "--types", "node", "--typeRoots", TYPE_ROOTS];
  const compiled = await execute(TYPESCRIPT, [...flags, ...nodeNext, "two-nodes.js"], { cwd: project }).catch(
    (error: { stdout: string }) => error,
  );
  expect(compiled.stdout).toBe("");
  const { stdout } = await execute(process.execPath, ["two-nodes.js"], { cwd: project });
  expect(stdout).toBe("autumn 50 people, 500 spent\nspring 150 people, 1500 spent\n");
  expect(readdirSync(project).filter((name) => name.startsWith("halfroom-example-"))).toEqual([]);
});

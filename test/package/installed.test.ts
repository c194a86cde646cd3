// `npm pack`, `npm install --global halfroom-*.tgz`, `halfroom demo`: on a machine with nothing else, with and without install
// scripts, a compiler, a prebuilt add-on; under every version of Node that the package is for.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  exampleProject,
  Installed,
  nodeBinary,
  pack,
  packWithoutPrebuilds,
  programsWithoutCompiler,
  scratch,
  TYPESCRIPT,
} from "./install.ts";

const { folder, remove } = scratch();
let packed: string;
let installed: Installed;

beforeAll(async () => {
  packed = await pack(join(folder, "packed"));
  installed = await Installed.open(packed, join(folder, "plain"));
});
afterAll(remove);

const CHECKED = "Checked: the report equals a plain join of the two files.";

async function kernelOf(installation: Installed): Promise<string> {
  const { stdout } = await installation.halfroom(["--version", "--json"]);
  return JSON.parse(stdout).kernel;
}

async function expectDemo(installation: Installed): Promise<void> {
  const { exitCode, stdout, stderr } = await installation.halfroom(["demo"]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(`${stdout}${stderr}`).toContain(CHECKED);
}

test("installs and shows its demo", async () => {
  await expectDemo(installed);
  expect(readdirSync(join(installed.folder, "work"))).toEqual(["halfroom-demo"]);
  expect(await kernelOf(installed)).toMatch(/^native /);
});

test("is plain JavaScript that needs no loader, and brings its kernels", () => {
  const files = readdirSync(installed.root, { recursive: true, encoding: "utf8" }).filter(
    (file) => !file.startsWith("node_modules/"),
  );
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "lib/kernels.wasm"]));
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(installed.root, "package.json"), "utf8"),
  );
  expect(devDependencies).toBeUndefined();
  for (const loader of ["tsx", "esbuild", "typescript"]) {
    expect(dependencies).not.toHaveProperty(loader);
    expect(existsSync(join(installed.root, "node_modules", loader))).toBe(false);
  }
});

test("installs without install scripts, as it does where npm does not allow them", async () => {
  const bare = await Installed.open(packed, join(folder, "bare"), { flags: ["--ignore-scripts"] });
  await expectDemo(bare);
  expect(await kernelOf(bare)).toMatch(/^native /);
});

test("installs without a compiler where no prebuilt add-on runs, and uses WebAssembly", async () => {
  const sources = await packWithoutPrebuilds(packed, join(folder, "sources"));
  const path = [programsWithoutCompiler(join(folder, "programs"))];
  const flags = ["--allow-scripts=halfroom"];
  const slow = await Installed.open(sources, join(folder, "slow"), { path, flags });
  expect(existsSync(join(slow.root, "build"))).toBe(false);
  await expectDemo(slow);
  expect(await kernelOf(slow)).toBe("libsodium WebAssembly");
});

test("compiles the add-on where there is a compiler and no prebuilt one runs", async () => {
  const sources = await packWithoutPrebuilds(packed, join(folder, "again"));
  const flags = ["--allow-scripts=halfroom"];
  const compiled = await Installed.open(sources, join(folder, "compiled"), { flags });
  expect(existsSync(join(compiled.root, "build/Release/halfroom_crypto.node"))).toBe(true);
  expect(await kernelOf(compiled)).toMatch(/^native /);
});

test.each(["22", "24"])("shows its demo under Node %s", async (version) => {
  const node = await nodeBinary(version, join(folder, `node-${version}`));
  const { stdout: said } = await installed.halfroomOn(node, ["--version", "--json"]);
  expect(JSON.parse(said).kernel).toMatch(/^native /);
  const { exitCode, stdout, stderr } = await installed.halfroomOn(node, ["demo", "--out", `demo-${version}`]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(`${stdout}${stderr}`).toContain(CHECKED);
});

test("is a library whose example has types that resolve on their own, and runs", async () => {
  const project = exampleProject(installed, join(folder, "example"));
  const execute = promisify(execFile);
  const flags = ["--noEmit", "--strict", "--checkJs", "--skipLibCheck", "false"];
  const nodeNext = ["--module", "nodenext", "--target", "es2023", "--types", "node"];
  await execute(TYPESCRIPT, [...flags, ...nodeNext, "two-nodes.js"], { cwd: project });
  const { stdout } = await execute(process.execPath, ["two-nodes.js"], { cwd: project });
  expect(stdout).toMatch(/spring +\d+/);
});

// AES and what is made of it on arm64, emulated: the C code alone, compiled as the add-on is, gives what it gives on this processor, where
// the tests of @halfroom/crypto hold it to other implementations.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const execute = promisify(execFile);
const ADDON = fileURLToPath(new URL("..", import.meta.url));
const EMULATOR = "/usr/bin/qemu-aarch64-static";
const HERE = { arch: "x64", compiler: "/usr/bin/gcc" };
const ARM64 = { arch: "arm64", compiler: "/usr/bin/aarch64-linux-gnu-gcc" };
const programs = [EMULATOR, HERE.compiler, ARM64.compiler, "/usr/aarch64-linux-gnu/lib/libc.a"];

interface Settings {
  readonly target_name?: string;
  readonly sources?: readonly string[];
  readonly defines?: readonly string[];
  readonly cflags?: readonly string[];
  readonly targets?: readonly Settings[];
  readonly conditions?: readonly (readonly [condition: string, then: Settings])[];
}

/** Settings in binding.gyp, and what its conditions add to them for a processor. */
function settingsFor(arch: string, { conditions = [], ...settings }: Settings): Settings[] {
  const held = conditions.filter(([condition]) => condition.split(" or ").includes(`target_arch=='${arch}'`));
  return [settings, ...held.map(([, added]) => added)];
}

const bindings: Settings & { readonly target_defaults: Settings } = JSON.parse(
  readFileSync(join(ADDON, "binding.gyp"), "utf8"),
);

/** Arguments of the compiler with which binding.gyp builds AES, and its sources. */
function compilation(arch: string) {
  const targets = settingsFor(arch, bindings).flatMap((each) => each.targets ?? []);
  const aes = targets.find((target) => target.target_name === "aes")!;
  const settings = [bindings.target_defaults, aes].flatMap((each) => settingsFor(arch, each));
  const defines = settings.flatMap((each) => each.defines ?? []).map((name) => `-D${name}`);
  return {
    flags: [...settings.flatMap((each) => each.cflags ?? []), ...defines, "-Inative"],
    sources: settings.flatMap((each) => each.sources ?? []),
  };
}

const folder = mkdtempSync(join(tmpdir(), "halfroom-arm64-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Compiles without a warning; returns the path of the program. */
async function compile(
  { compiler, arch }: typeof HERE,
  name: string,
  sources: string[],
  flags: string[] = [],
) {
  const program = join(folder, `${name}-${arch}`);
  const args = [...compilation(arch).flags, "-Werror", ...flags, ...sources, "-static", "-o", program];
  await execute(compiler, args, { cwd: ADDON });
  return program;
}

const resultsOf = (processor: typeof HERE) =>
  compile(processor, "results", [
    "test/native/results.c",
    "native/code.c",
    ...compilation(processor.arch).sources,
  ]);

describe.skipIf(process.arch !== HERE.arch || !programs.every((program) => existsSync(program)))(
  "on arm64",
  () => {
    let emulated: string[];
    let here: string[];

    beforeAll(async () => {
      const [onArm64, onThis] = await Promise.all([resultsOf(ARM64), resultsOf(HERE)]);
      emulated = (await execute(EMULATOR, [onArm64])).stdout.trimEnd().split("\n");
      here = (await execute(onThis)).stdout.trimEnd().split("\n");
    });

    it("expands the key and encrypts the block of FIPS 197, appendices A.1 and C.1", () => {
      expect(emulated.slice(0, 2)).toEqual([
        "roundKey d014f9a8c9ee2589e13f0cc8b6630ca6",
        "block 69c4e0d86a7b0430d8cdb78070b4c55a",
      ]);
    });

    it("gives the same results in every function as here", () => {
      expect(emulated.map((line) => line.split(" ")[0])).toEqual([
        "roundKey",
        "block",
        "blocks",
        "stream",
        "fold",
        "hashColumns",
        "hashBlocks",
        "halfTrees",
        "trees",
        "slots",
        "products",
        "code",
      ]);
      expect(emulated).toEqual(here);
    });

    it.each([
      ["this one", [], "yes"],
      ["one without AES", ["-DHWCAP=HWCAP_PMULL"], "no"],
      ["one without products", ["-DHWCAP=HWCAP_AES"], "no"],
      ["one with both", ["-DHWCAP=(HWCAP_AES | HWCAP_PMULL)"], "yes"],
    ])("asks Linux whether the processor has the instructions: %s", async (_, flags, expected) => {
      const program = await compile(ARM64, "processor", ["test/native/processor.c"], flags);
      expect((await execute(EMULATOR, [program])).stdout.trim()).toBe(expected);
    });
  },
);

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nativePaths } from "@halfroom/crypto-native";
import { KERNEL_NAMES, loadKernel, loadNativeKernel, loadSodium, nobleKernel } from "@halfroom/crypto";
import { passesSelfTest } from "../src/group/choose.ts";
import type { GroupKernel } from "@halfroom/crypto";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const natives = nativePaths().map((path) => loadNativeKernel(path)!);
const sodium = await loadSodium();

/** Kernel names as HALFROOM_KERNEL has them, and as the kernels call themselves. */
const expectedNames: Readonly<Record<string, string | undefined>> = {
  native: natives[0]?.name,
  sodium: sodium.name,
  noble: nobleKernel.name,
  ...Object.fromEntries(nativePaths().map((path) => [`native-${path}`, `native ${path}`])),
};

describe.each(KERNEL_NAMES)("kernel %s", (name) => {
  it("is loaded, or refused with a remedy", async () => {
    const expected = expectedNames[name];
    if (expected === undefined) await expect(loadKernel(name)).rejects.toThrow("npm rebuild");
    else expect((await loadKernel(name)).name).toBe(expected);
  });
});

it("prefers the fastest native path to libsodium", async () => {
  expect((await loadKernel("")).name).toBe(natives[0]?.name ?? sodium.name);
});

it("names the kernels that there are if it does not know one", async () => {
  await expect(loadKernel("fast")).rejects.toThrow("there are native, native-ifma");
});

describe("the self-test", () => {
  it.each([...natives, sodium, nobleKernel])("passes $name", (kernel) => {
    expect(passesSelfTest(kernel)).toBe(true);
  });

  it.each([
    "mapToGroup",
    "add",
    "subtract",
    "multiply",
    "multiplyByOne",
    "mapAndMultiplyByOne",
    "multiplyBase",
    "mapAndAddMultiples",
    "subtractMultiples",
    "reduceScalars",
    "sumOfProducts",
    "subtractProducts",
    "hashRows",
  ] as const)("fails a kernel whose %s is wrong in one bit of its last result", (operation) => {
    const original = sodium[operation] as (...operands: Uint8Array[]) => Uint8Array;
    const wrong = (...operands: Uint8Array[]) => {
      const result = original.apply(sodium, operands);
      result[result.length - 32]! ^= 1;
      return result;
    };
    expect(passesSelfTest(replaced(operation, wrong))).toBe(false);
  });
});

it("fails a kernel that lacks an operation", () => {
  expect(passesSelfTest(replaced("hashRows", undefined))).toBe(false);
});

/** libsodium's kernel with one operation replaced. */
function replaced(operation: keyof GroupKernel, replacement: unknown): GroupKernel {
  return new Proxy(sodium, {
    get(target, key) {
      if (key === operation) return replacement;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

it.each(["sodium", "noble", "native"])(
  "gives HALFROOM_KERNEL=%s to a process and its worker threads",
  (name) => {
    const script = fileURLToPath(new URL("./kernel-of-process.ts", import.meta.url));
    const available = expectedNames[name] !== undefined;
    const run = () =>
      execFileSync(process.execPath, ["--import", TYPESCRIPT, script], {
        env: { ...process.env, HALFROOM_KERNEL: name },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    if (available)
      expect(JSON.parse(run())).toEqual({ main: expectedNames[name], worker: expectedNames[name] });
    else expect(run).toThrow();
  },
);

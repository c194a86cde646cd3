// protocol-spec.md and the code agree on messages, limits, codes, stages, labels and sizes.
import { storeSize } from "@halfroom/match";
import { PROTOCOL, REASON_CODES } from "@halfroom/session";
import { CLOSE_CODES, CLOSE_DONE, errorOfClose } from "@halfroom/transport";
import * as limits from "../../packages/wire/src/limits.ts";
import { ERROR_CODES, MESSAGES, PHASES, type Field } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { filesThatHashByThemselves, forkLabels, hashLabels, partCounts, supplyPurposes } from "./labels.ts";
import { specColumn, specNumber, specQuotes, specTable } from "./tables.ts";

test("messages: number, type, fields and their bounds", () => {
  const inCode = Object.entries(MESSAGES).map(([type, { number, fields }]) => {
    const described = Object.entries<Field>(fields).map(([name, field]) => `${name}: ${bounds(field)}`);
    return [String(number), type, described.join(", ")];
  });
  expect(specTable("messages").map((row) => row.slice(0, 3))).toEqual(inCode);
});

function bounds(field: Field): string {
  const group = (value: number) => value.toLocaleString("en-US");
  if (field.kind === "uint") return `uint ≤ ${group(field.max)}`;
  if (field.kind === "text") return `text ≤ ${group(field.bytesMax)}`;
  return field.min === field.max
    ? `bytes ${group(field.min)}`
    : `bytes ${group(field.min)}..${group(field.max)}`;
}

test("the name of protocol and suite", () => {
  expect(specQuotes(PROTOCOL)).toBe(true);
});

test("limits", () => {
  const inSpec = Object.fromEntries(specTable("limits").map(([name, value]) => [name, specNumber(value!)]));
  expect(inSpec).toEqual({ ...limits });
});

test("errors: code, close code, meaning", () => {
  const inCode = Object.entries(ERROR_CODES).map(([code, meaning]) => {
    return [code, String(CLOSE_CODES[code as keyof typeof ERROR_CODES]), meaning];
  });
  expect(specTable("errors")).toEqual(inCode);
});

test("further close codes", () => {
  const [done, malformed, other] = specTable("close codes");
  expect(done!.slice(0, 2)).toEqual([String(CLOSE_DONE), "done"]);
  const codes = malformed![0]!.split(", ").map(Number);
  const own = new Set(Object.values(CLOSE_CODES));
  const foreign = Array.from({ length: 4000 }, (_, i) => 1000 + i).filter((close) => !own.has(close));
  expect(foreign.filter((close) => errorOfClose(close).code === "malformed")).toEqual(codes);
  expect(foreign.filter((close) => errorOfClose(close).code === "closed")).toHaveLength(
    foreign.length - codes.length,
  );
  expect(other![0]).toBe("any other, 1006 included");
});

test("reasons", () => {
  expect(specTable("reasons")).toEqual(Object.entries(REASON_CODES));
});

test("stages", () => {
  expect(specColumn("stages", 0)).toEqual([...PHASES]);
});

describe("derivations", () => {
  test("labels of hashes and AES keys", () => {
    expect(specColumn("labels", 0).toSorted()).toEqual(hashLabels());
  });

  test("number and kinds of the parts behind each label", () => {
    const counts = partCounts();
    const list = (cell: string) => (cell === "none" ? [] : cell.split(", "));
    for (const [label, , parts, kinds] of specTable("labels")) {
      if (label === "vault/context") continue;
      const named = list(parts!.replace(" (session id empty)", ""));
      expect([label, named.length]).toEqual([label, list(kinds!).length]);
      expect([label, ...(counts.get(label!) ?? [])]).toEqual([label, named.length]);
      for (const kind of list(kinds!)) expect(["text", "integer", "bytes"]).toContain(kind);
    }
  });

  test("purposes of transfers", () => {
    expect(specColumn("purposes", 0).toSorted()).toEqual(supplyPurposes());
  });

  test("forks of generators", () => {
    expect(specColumn("generators", 0).toSorted()).toEqual(forkLabels());
  });

  test("no protocol file hashes without a label, but for those of sections 2.3 and 9", () => {
    const packages = ["crypto", "wire", "mpc", "match", "aggregate", "release"];
    expect(filesThatHashByThemselves(packages)).toEqual([
      // The self-test of a kernel; RFC 9380 and RFC 9497; the plain twin of the kernels behind RowHasher.
      "packages/crypto/src/group/choose.ts",
      "packages/crypto/src/group/hash-rows.ts",
      "packages/crypto/src/kernels/typescript.ts",
      "packages/crypto/src/labels.ts",
      // HKDF: section 15.3.
      "packages/crypto/src/rng.ts",
      "packages/wire/src/transcript.ts",
    ]);
  });
});

test("sizes of the store, at both ends of each row", () => {
  const rows = specTable("store").map((row) => row.map(specNumber) as [number, number, number]);
  let first = 3072;
  for (const [last, bitsPerExpansion, gapHundredths] of rows) {
    for (const entries of [first, last]) {
      for (const lambda of [40, 41, 48, 50]) {
        const { sparse, dense, slots } = storeSize(entries, lambda);
        const thousandths = 1223 + Math.ceil((1000 * lambda + 9200) / bitsPerExpansion);
        expect([entries, sparse, dense]).toEqual([
          entries,
          Math.ceil((entries * thousandths) / 1000),
          Math.ceil((100 * lambda) / gapHundredths) + lambda,
        ]);
        expect(slots).toBe(sparse + dense);
      }
    }
    first = last + 1;
  }
  expect(() => storeSize(first)).toThrow(RangeError);
});

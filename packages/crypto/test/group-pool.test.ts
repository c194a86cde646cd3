import { describe, expect, it } from "vitest";
import { GroupPool, nobleKernel } from "@halfroom/crypto";
import { bytesOf, fromHex, hex, rfc9496, scalar } from "./group-fixtures.ts";
import { baseJob, doubleJob } from "./group-jobs.js";

describe.each([0, 1, 2])("a pool of %i threads", (threads) => {
  it("runs jobs, tells invalid points and consumes what it is given", async () => {
    const pool = await GroupPool.open(threads);
    try {
      expect(pool.width).toBe(Math.max(1, threads));
      const scalars = Array.from({ length: 5 }, (_, i) =>
        nobleKernel.reduceScalars(bytesOf(`scalars ${i}`, 7 * 64)),
      );
      const results = await Promise.all(scalars.map((s) => pool.run(baseJob, { scalars: s.slice() })));
      results.forEach((result, i) =>
        expect(hex(result!.points)).toBe(hex(nobleKernel.multiplyBase(scalars[i]!))),
      );

      const points = fromHex(rfc9496.multiplesOfGenerator[1]!);
      const doubled = await pool.run(doubleJob, { points });
      expect(hex(doubled!.points)).toBe(rfc9496.multiplesOfGenerator[2]);
      expect(hex(points.length === 32 ? points : new Uint8Array(32))).toBe("00".repeat(32)); // wiped, or moved away
      expect(await pool.run(doubleJob, { points: fromHex(rfc9496.invalidEncodings[0]!) })).toBeUndefined();
    } finally {
      await pool.close();
    }
  });

  it("rejects when a job throws or the pool is closed", async () => {
    const pool = await GroupPool.open(threads);
    await expect(pool.run(baseJob, { scalars: scalar(0n) })).rejects.toThrow("a scalar is zero");
    await pool.close();
    await expect(pool.run(baseJob, { scalars: scalar(1n) })).rejects.toThrow("closed");
  });
});

it("starts background jobs after all others", async () => {
  const pool = await GroupPool.open(1);
  try {
    const order: string[] = [];
    const run = async (name: string, background: boolean) => {
      await pool.run(baseJob, { scalars: nobleKernel.reduceScalars(bytesOf(name, 64)) }, { background });
      order.push(name);
    };
    await run("start", false);
    await Promise.all([
      run("under way", true),
      run("own 1", true),
      run("own 2", true),
      run("partner 1", false),
      run("partner 2", false),
    ]);
    expect(order).toEqual(["start", "under way", "partner 1", "partner 2", "own 1", "own 2"]);
  } finally {
    await pool.close();
  }
});

it("ends jobs under way when it is closed", async () => {
  const pool = await GroupPool.open(1);
  const jobs = [1, 2, 3].map(() =>
    pool.run(baseJob, { scalars: nobleKernel.reduceScalars(bytesOf("s", 6400)) }),
  );
  const settled = Promise.allSettled(jobs);
  await pool.close();
  expect((await settled).map((job) => job.status)).toEqual(["rejected", "rejected", "rejected"]);
});

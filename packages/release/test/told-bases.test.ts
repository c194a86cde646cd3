// How many people the receiver has behind each row, on their way to the sender.
import { recvBases, sendBases } from "@halfroom/release";
import { runParties } from "@halfroom/testkit";
import { ProtocolError, type OpenChannel } from "@halfroom/wire";
import { expect, test } from "vitest";

const POSSIBLE = { low: -20n, high: 1000n };

async function carry(bases: readonly bigint[], rows = bases.length): Promise<bigint[]> {
  const { sender } = await runParties(async (ch: OpenChannel, role) => {
    if (role === "receiver") await sendBases(ch, BigInt64Array.from(bases));
    return role === "sender" ? [...(await recvBases(ch, rows, POSSIBLE))] : [];
  });
  return sender;
}

test.each([[[]], [[0n]], [[1000n, -20n, 7n]], [Array.from({ length: 70_000 }, (_, i) => BigInt(i % 1000))]])(
  "arrive as they were sent",
  async (bases) => {
    expect(await carry(bases)).toEqual(bases);
  },
);

test("of fewer rows than opened is `count`", async () => {
  await expect(carry([1n, 2n], 3)).rejects.toMatchObject({ code: "count" });
});

test.each([1001n, -21n, 2n ** 63n - 1n, -(2n ** 63n)])(
  "%i people of up to 1,000 is `impossible`",
  async (base) => {
    await expect(carry([5n, base])).rejects.toThrow(ProtocolError);
    await expect(carry([5n, base])).rejects.toMatchObject({ code: "impossible" });
  },
);

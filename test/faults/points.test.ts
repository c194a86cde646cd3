// Every group element of a session replaced by one that must be refused: all invalid encodings of RFC 9496, appendix A.2
// (non-canonical field elements, negative ones, non-squares, ...), and the identity.
import { readFileSync } from "node:fs";
import { replaceMessage } from "@halfroom/testkit";
import { describe, test } from "vitest";
import { SENT, expectAborted, play, titled, type Sent } from "./small-session.ts";

const POINT_BYTES = 32;
const RFC9496 = JSON.parse(
  readFileSync(new URL("../vectors/ristretto255/rfc9496.json", import.meta.url), "utf8"),
) as { multiplesOfGenerator: string[]; invalidEncodings: string[] };
const IDENTITY = RFC9496.multiplesOfGenerator[0]!;
const REFUSED = [IDENTITY, ...RFC9496.invalidEncodings].map((hex) => Buffer.from(hex, "hex"));

const FIELD: Readonly<Record<string, string>> = {
  blinded: "data",
  evaluated: "data",
  baseOtKey: "point",
  baseOtChoices: "data",
};
const withPoints = SENT.filter(({ message }) => message.type in FIELD);

function withPoint({ message }: Sent, place: number, encoding: Uint8Array) {
  const field = FIELD[message.type]!;
  return replaceMessage((sent) => {
    const points = Buffer.from((sent as unknown as Record<string, Uint8Array>)[field]!);
    const last = points.length / POINT_BYTES - 1;
    points.set(encoding, Math.floor((place * last) / 2) * POINT_BYTES);
    return { ...sent, [field]: points };
  });
}

describe.each(titled(withPoints))("%s", (_, at) => {
  // First, middle and last point in turn.
  test.each(REFUSED.map((encoding, i) => [encoding.toString("hex"), i % 3, encoding] as const))(
    "%s, place %i",
    async (_hex, place, encoding) => {
      expectAborted(await play(at, withPoint(at, place, encoding)), at, "point");
    },
  );

  test.each([0, 1, 2])("the identity, place %i", async (place) => {
    expectAborted(await play(at, withPoint(at, place, REFUSED[0]!)), at, "point");
  });
});

// Group elements of a session replaced by ones that must be refused: the invalid encodings of RFC 9496, appendix A.2 (non-canonical
// field elements, negative ones, non-squares, ...), and the identity.
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

/** Which encodings, by number, take the place of points in which message. */
export function testPoints(isTried: (encoding: number, message: number) => boolean): void {
  describe.each(titled(withPoints).map(([title, at], message) => [title, at, message] as const))(
    "%s",
    (_, at, message) => {
      // First, middle and last point in turn.
      test.each(
        REFUSED.map((encoding, i) => ({ encoding, i, place: i % 3, hex: encoding.toString("hex") })).filter(
          ({ i }) => isTried(i, message),
        ),
      )("$hex, place $place", async ({ encoding, place }) => {
        expectAborted(await play(at, withPoint(at, place, encoding)), at, "point");
      });

      test.each([0, 1, 2])("the identity, place %i", async (place) => {
        expectAborted(await play(at, withPoint(at, place, REFUSED[0]!)), at, "point");
      });
    },
  );
}

export const MESSAGES_WITH_POINTS = withPoints.length;

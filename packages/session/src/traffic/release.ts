// What the release moves (protocol-spec.md, section 13), if all numbers open.
import { correctionBytes, ROLES } from "@halfroom/mpc";
import { bytesOfRelease, type TableSizes } from "../table/open-table.ts";
import { isSenderBlind } from "../terms/blind.ts";
import type { Terms } from "../terms/terms.ts";
import { corrections, fixed, fixedBoth, moved, movedBoth, type Moved } from "./moved.ts";

/** Before bits are published, and before numbers open. */
const TRANSCRIPTS = 2;

export function releaseMoves(terms: Terms, sizes: TableSizes): Moved[] {
  const { drawn, openings, productFlips, productCorrections, bits, numbers } = bytesOfRelease(terms, sizes);
  const publishing = isSenderBlind(terms) ? (["sender"] as const) : ROLES;
  const opening = ROLES.filter((role) => terms.resultTo !== role);
  return [
    ...ROLES.flatMap((direction) =>
      drawn.map((count) => corrections(direction, correctionBytes(terms.otK, count))),
    ),
    ...movedBoth("gateOpening", openings),
    ...movedBoth("productFlips", productFlips),
    ...movedBoth("productCorrections", productCorrections),
    ...fixedBoth("transcript", TRANSCRIPTS),
    ...publishing.flatMap((role) => [
      fixed(role, "passCommitment"),
      fixed(role, "passOpening"),
      moved(role, "passOpening", bits),
    ]),
    ...opening.flatMap((role) => [
      fixed(role, "cellCommitment"),
      fixed(role, "cellOpeningNonce"),
      moved(role, "cellOpening", numbers),
    ]),
    ...fixedBoth("done"),
  ];
}

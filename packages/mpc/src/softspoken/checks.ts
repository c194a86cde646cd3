// The two checks that the end which holds Delta makes: one parameter of all steps, so that tests can show what each prevents.
import { checkPiece, type PieceCheck } from "./check.ts";
import { checkTrees, type TreesCheck } from "./tree-check.ts";

export interface TransferChecks {
  readonly piece: PieceCheck;
  readonly trees: TreesCheck;
}

export const transferChecks: TransferChecks = { piece: checkPiece, trees: checkTrees };

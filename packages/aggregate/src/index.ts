export { groupReceiver, groupSender } from "./protocol.ts";
export { leafDraws, leavesOfGroupings, type GroupContext } from "./groupings.ts";
export {
  LeafAnswers,
  LeafAsks,
  type ReceiverGrouping,
  type ReceiverLeaves,
  type SenderLeaves,
} from "./leaves.ts";
export { leafBytes, leafWork } from "./bytes.ts";
export { creditBytes, type CreditBytes } from "./credit/bytes.ts";
export { creditDraws } from "./credit/draws.ts";
export { creditReceiver, creditSender } from "./credit/protocol.ts";
export {
  inputColumns,
  NEVER,
  outputColumns,
  squareParts,
  type CreditContext,
  type CreditTerms,
} from "./credit/terms.ts";

export { groupReceiver, groupSender } from "./protocol.ts";
export {
  TreeAnswers,
  TreeAsks,
  treeDraws,
  type GroupContext,
  type ReceiverGrouping,
  type ReceiverTrees,
  type SenderTrees,
} from "./trees.ts";
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

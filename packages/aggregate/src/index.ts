export { groupReceiver, groupSender, type GroupContext } from "./protocol.ts";

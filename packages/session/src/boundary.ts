// The one place where what protocol code throws becomes an error of the protocol. A partner chooses what that code works on, so that
// whatever it throws may be the partner's doing, and must end a session like any other fault: by a code, with the stage.
import { protocolError } from "@halfroom/wire";

/** Codes of errors that Node itself throws at wrong arguments. */
const OF_NODE = "ERR_";

/**
 * The error as a session ends with it. Errors with a code of their own, of this side's data, store, disk or settings, are passed on as they
 * are; any other is a defect, and becomes `internal` with it as the cause. Its words may quote data, and are left out.
 */
export function sessionError(error: unknown): unknown {
  return hasCode(error) ? error : protocolError(error);
}

function hasCode(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return typeof error.code === "string" && !error.code.startsWith(OF_NODE);
}

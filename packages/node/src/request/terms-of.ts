// The terms that a request asks for, from neither side's point of view.
import { otherRole, PROTOCOL, type MatchKey, type Role, type Terms } from "@halfroom/session";
import type { ReportRequest } from "./request.ts";

/** This side is the initiator; `match` comes from its dataset. */
export function termsOf(request: ReportRequest, match: readonly MatchKey[]): Terms {
  const {
    partner: _,
    role,
    roles: __,
    ours,
    theirs,
    where: ___,
    sink: ____,
    resultTo,
    transfers,
    ...asked
  } = request;
  const others = otherRole(role);
  return {
    ...asked,
    protocol: PROTOCOL,
    initiator: role,
    datasets: { [role]: ours, [others]: theirs } as Record<Role, string>,
    match,
    ...(transfers === "silent" && { transfers }),
    resultTo: ({ both: "both", us: role, them: others } as const)[resultTo],
  };
}

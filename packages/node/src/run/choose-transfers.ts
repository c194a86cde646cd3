// What this node knows of a report before it chooses where its transfers come from.
import { itemsPerPerson, transfersAs, type Role, type Terms } from "@halfroom/session";
import type { NodeState } from "../node-state.ts";
import type { DatasetPolicy } from "../policy/schema.ts";
import type { ReportRequest, TransfersSource } from "../request/request.ts";
import { effortOf, machineOf, type Effort } from "./effort.ts";
import { freshBefore, sizesBefore } from "./known-before.ts";
import { lastAgreement } from "./last-agreement.ts";
import { lastSizes } from "./roles.ts";
import { chooseTransfers, orderedTransfers, type TransfersChoice } from "./transfers.ts";

/** `terms` as this side would propose them in the role `us`, from whichever source; `policy` is this side's. */
export async function transfersOf(
  node: NodeState,
  request: Pick<ReportRequest, "partner" | "ours" | "theirs" | "transfers">,
  us: Role,
  terms: Terms,
  policy: DatasetPolicy,
): Promise<TransfersChoice> {
  if (request.transfers !== undefined) return orderedTransfers(request.transfers);
  const isAllowed = policy.silentTransfers === "allowed";
  const line = node.partners.lineTo(request.partner);
  const isOpen = isAllowed && line !== undefined;
  return chooseTransfers({
    isAllowed,
    line,
    efforts: isOpen ? await effortsBefore(node, request, us, terms) : undefined,
  });
}

async function effortsBefore(
  node: NodeState,
  request: Pick<ReportRequest, "partner" | "ours" | "theirs">,
  us: Role,
  terms: Terms,
): Promise<Readonly<Record<TransfersSource, Effort>> | undefined> {
  const [people, last] = [lastSizes(node, request), lastAgreement(node, request)];
  if (people === undefined || last === undefined) return undefined;
  const each = itemsPerPerson(terms);
  const machine = await machineOf(node);
  const effort = (transfers: Terms["transfers"]) =>
    effortOf(machine, {
      terms: transfersAs(terms, { transfers }),
      sizes: sizesBefore(terms, us, people, last),
      ...freshBefore(node, terms, us, last, { ours: each * people.us, theirs: each * people.them }),
      assumed: [],
      // Before it is asked for; the same with either source.
      prepareSeconds: 0,
      roundTripSeconds: 0,
    });
  return { softspoken: effort(undefined), silent: effort("silent") };
}

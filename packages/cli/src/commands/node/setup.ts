// Making a node: init, invite, join, partners, doctor.
import {
  addPolicies,
  doctor,
  groupedFingerprint,
  initNode,
  invite,
  join,
  listPartners,
  movePartner,
  OperatorError,
  removePartner,
  suppress,
} from "@halfroom/node";
import { drawTable } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";

export async function initCommand(flags: HomeFlags): Promise<void> {
  const { folder, fingerprint } = await initNode(flags.home);
  console.log(`The node is in ${folder}; its settings are in config.yaml there.`);
  console.log(`fingerprint: ${groupedFingerprint(fingerprint)}`);
}

export async function inviteCommand(flags: HomeFlags & { name: string; hours: number }): Promise<void> {
  const { token, expiresAt } = await withNode(flags, (node) =>
    invite(node, { name: flags.name, hours: flags.hours }),
  );
  console.log(token);
  console.error(
    `One use, until ${new Date(expiresAt).toISOString()}. Whoever has it can join as ${flags.name}:`,
  );
  console.error(
    `send it over a channel that you both trust. There: halfroom join TOKEN --name ...; this node must be serving.`,
  );
}

export async function joinCommand(flags: HomeFlags & { name: string; token: string }): Promise<void> {
  const { name, fingerprint, address } = await withNode(flags, (node) =>
    join(node, { token: flags.token, name: flags.name }),
  );
  console.log(`Joined ${name} at ${address}.`);
  console.log(`its fingerprint: ${groupedFingerprint(fingerprint)}`);
}

export async function partnersCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const partners = await withNode(flags, listPartners);
  if (flags.json) return console.log(JSON.stringify(partners, undefined, 2));
  if (partners.length === 0)
    return console.log("There is no partner yet: halfroom invite, or halfroom join.");
  const rows = partners.map((each) => [each.name, each.address || "(only dials)", each.fingerprint]);
  console.log(drawTable(["partner", "address", "fingerprint"], rows, 3));
}

export async function partnerRemoveCommand(flags: HomeFlags & { name: string }): Promise<void> {
  await withNode(flags, (node) => removePartner(node, flags.name));
  console.log(`${flags.name} is a stranger from its next connection on.`);
}

export async function partnerMoveCommand(
  flags: HomeFlags & { name: string; address: string },
): Promise<void> {
  await withNode(flags, (node) => movePartner(node, flags.name, flags.address));
  console.log(`${flags.name} is dialled at ${flags.address} from now on.`);
}

export async function doctorCommand(flags: HomeFlags): Promise<void> {
  const findings = await withNode(flags, doctor);
  for (const { what, ok, words } of findings) console.log(`${ok ? "ok  " : "FAIL"} ${what}: ${words}`);
  const faults = findings.filter(({ ok }) => !ok).length;
  if (faults > 0) throw new OperatorError("checks", `${faults} of ${findings.length} checks failed.`);
}

export interface SuppressFlags extends HomeFlags {
  readonly file: string;
  readonly match: readonly string[];
  readonly hashed: boolean;
}

/** KEY=COLUMN or KEY=COLUMN,COLUMN, each key once. */
function columnsOf(flags: readonly string[]): Record<string, readonly string[]> {
  const columns = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const [, key, names] = /^([^=]+)=([^=]+)$/.exec(flag) ?? [];
    if (key === undefined || columns.has(key)) {
      throw badInput(`--match ${flag}: give KEY=COLUMN, for example email=address; each key once.`);
    }
    columns.set(key, names!.split(","));
  }
  return Object.fromEntries(columns);
}

export async function suppressCommand(flags: SuppressFlags): Promise<void> {
  const { file, hashed } = flags;
  const columns = columnsOf(flags.match);
  const { found, added } = await withNode(flags, (node) => suppress(node, { file, columns, hashed }));
  const counts = Object.entries(found)
    .map(([key, people]) => `${people} by ${key}`)
    .join(", ");
  console.log(`${counts}; ${added} of them new: they enter no session any more and left the caches.`);
}

export async function policyAddCommand(flags: HomeFlags & { file: string }): Promise<void> {
  const added = await withNode(flags, (node) => addPolicies(node, flags.file));
  for (const { partner, dataset, approval } of added) {
    console.log(`The policy for ${partner} and ${dataset} holds from now on; approval is ${approval}.`);
  }
}

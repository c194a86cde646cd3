// Making a node: init, invite, join, partners, doctor.
import {
  addPolicies,
  examine,
  groupedFingerprint,
  initNode,
  invite,
  join,
  nodeFolder,
  suppress,
} from "@halfroom/node";
import { drawTable } from "@halfroom/report";
import { badInput, EXIT, Failure } from "../../failure.ts";
import { inWords, withNode, type HomeFlags } from "./folder.ts";

export async function initCommand(flags: HomeFlags): Promise<void> {
  const folder = nodeFolder(flags.home);
  const { fingerprint } = await inWords(() => initNode(folder));
  console.log(`The node is in ${folder.path}; its settings are in config.yaml there.`);
  console.log(`fingerprint: ${groupedFingerprint(fingerprint)}`);
}

export async function inviteCommand(flags: HomeFlags & { name: string; hours: number }): Promise<void> {
  const { token, expiresAt } = await withNode(flags, (node) => invite(node, flags.name, flags.hours));
  console.log(token);
  console.error(
    `One use, until ${new Date(expiresAt).toISOString()}. Whoever has it can join as ${flags.name}:`,
  );
  console.error(
    `hand it over on a safe way. There: halfroom join TOKEN --name ...; this node must be serving.`,
  );
}

export async function joinCommand(flags: HomeFlags & { name: string; token: string }): Promise<void> {
  const { name, fingerprint, address } = await withNode(flags, (node) => join(node, flags.token, flags.name));
  console.log(`Joined ${name} at ${address}.`);
  console.log(`its fingerprint: ${groupedFingerprint(fingerprint)}`);
}

export async function partnersCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const partners = await withNode(flags, (node) => node.partners.list());
  if (flags.json) {
    const plain = partners.map(({ name, address, fingerprint, pinnedAt }) => ({
      name,
      address,
      fingerprint,
      pinnedAt,
    }));
    return console.log(JSON.stringify(plain, undefined, 2));
  }
  if (partners.length === 0)
    return console.log("There is no partner yet: halfroom invite, or halfroom join.");
  const rows = partners.map((each) => [each.name, each.address || "(only dials)", each.fingerprint]);
  console.log(drawTable(["partner", "address", "fingerprint"], rows, 3));
}

export async function partnerRemoveCommand(flags: HomeFlags & { name: string }): Promise<void> {
  await withNode(flags, ({ store, partners, audit }) =>
    store.transaction(() => {
      partners.remove(flags.name);
      audit.append("partner-removed", { partner: flags.name }, Date.now());
    }),
  );
  console.log(`${flags.name} is a stranger from its next connection on.`);
}

export async function partnerMoveCommand(
  flags: HomeFlags & { name: string; address: string },
): Promise<void> {
  await withNode(flags, ({ partners }) => partners.move(flags.name, flags.address));
  console.log(`${flags.name} is dialled at ${flags.address} from now on.`);
}

export async function doctorCommand(flags: HomeFlags): Promise<void> {
  const findings = await withNode(flags, examine);
  for (const { what, ok, words } of findings) console.log(`${ok ? "ok  " : "FAIL"} ${what}: ${words}`);
  const faults = findings.filter(({ ok }) => !ok).length;
  if (faults > 0) throw new Failure(EXIT.badInput, `${faults} of ${findings.length} checks failed.`);
}

export interface SuppressFlags extends HomeFlags {
  readonly file: string;
  readonly match: readonly string[];
  readonly hashed: boolean;
}

/** KEY=COLUMN or KEY=COLUMN,COLUMN, each key once. */
function columnsOf(flags: readonly string[]): Map<string, readonly string[]> {
  const columns = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const [, key, names] = /^([^=]+)=([^=]+)$/.exec(flag) ?? [];
    if (key === undefined || columns.has(key)) {
      throw badInput(`--match ${flag}: give KEY=COLUMN, for example email=address; each key once.`);
    }
    columns.set(key, names!.split(","));
  }
  return columns;
}

export async function suppressCommand(flags: SuppressFlags): Promise<void> {
  const { file, hashed } = flags;
  const columns = columnsOf(flags.match);
  const { found, added } = await withNode(flags, (node) => suppress(node, { file, columns, hashed }));
  const counts = [...found].map(([key, people]) => `${people} by ${key}`).join(", ");
  console.log(`${counts}; ${added} of them new: they enter no session any more and left the caches.`);
}

export async function policyAddCommand(flags: HomeFlags & { file: string }): Promise<void> {
  await withNode(flags, async ({ folder, audit }) => {
    for (const { partner, dataset, approval } of await addPolicies(folder, flags.file)) {
      audit.append("config-changed", { policy: `${partner}/${dataset}`, approval }, Date.now());
      console.log(`The policy for ${partner} and ${dataset} holds from now on; approval is ${approval}.`);
    }
  });
}

// `halfroom doctor`: what would keep this node from working, found before a partner does.
import { stat } from "node:fs/promises";
import { arrayKernels } from "@halfroom/crypto";
import { connectTls } from "@halfroom/transport";
import { ProtocolError } from "@halfroom/wire";
import type { Settings } from "../config/schema.ts";
import { datasetFiles } from "../data/prepare-dataset.ts";
import { codeOf } from "../folder/folder.ts";
import type { HalfroomNode } from "../open-node.ts";
import type { Partner } from "../partners/partners.ts";

export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly words: string;
}

const REACH_MS = 3000;

/** A node that can be opened at all has sound keys and settings; this looks at the rest. */
export async function examine(node: HalfroomNode): Promise<Finding[]> {
  const rules = await node.rules();
  return [
    {
      what: "identity",
      ok: true,
      words: `keys are private and belong together; fingerprint ${node.identity.fingerprint}`,
    },
    kernelsFinding(),
    storeFinding(node),
    auditFinding(node),
    await folderFinding(node),
    ...(await Promise.all(Object.keys(rules.datasets).map((name) => datasetFinding(node, rules, name)))),
    ...policyFindings(node, rules),
    ...(await Promise.all(node.partners.list().map((partner) => partnerFinding(node, partner)))),
  ];
}

/** Slow is no fault, but its operator wants to know. */
function kernelsFinding(): Finding {
  const words =
    arrayKernels.name === "typescript"
      ? "arrays are worked on in TypeScript, which is slow; build the faster ones with: npm run prepare"
      : `arrays are worked on by ${arrayKernels.name}`;
  return { what: "kernels", ok: true, words };
}

function storeFinding({ store }: HalfroomNode): Finding {
  const result = store.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check ?? "no answer";
  const ok = result === "ok";
  return {
    what: "store",
    ok,
    words: ok ? "node.sqlite is whole" : "node.sqlite is damaged; restore a backup",
  };
}

function auditFinding({ audit }: HalfroomNode): Finding {
  const { entries, faults } = audit.verify();
  const words = faults[0]?.words ?? `${entries} entries, the chain holds`;
  return { what: "audit", ok: faults.length === 0, words };
}

async function folderFinding({ folder }: HalfroomNode): Promise<Finding> {
  const { mode } = await stat(folder.path);
  const ok = (mode & 0o077) === 0;
  return {
    what: "folder",
    ok,
    words: ok ? `${folder.path} is private` : `others may enter it: chmod 700 ${folder.path}`,
  };
}

async function datasetFinding({ folder }: HalfroomNode, rules: Settings, name: string): Promise<Finding> {
  const what = `dataset ${name}`;
  const files = datasetFiles(folder, rules.datasets[name]!);
  for (const file of files.filter((path) => !/[*?[]/.test(path))) {
    try {
      const { size } = await stat(file);
      if (size === 0) return { what, ok: false, words: `${file} is empty` };
    } catch (error) {
      return { what, ok: false, words: `${file} cannot be read (${codeOf(error)})` };
    }
  }
  return {
    what,
    ok: true,
    words: files.length === 0 ? "comes from a database" : `${files.join(", ")} is there`,
  };
}

function policyFindings({ partners }: HalfroomNode, { policies, datasets }: Settings): Finding[] {
  const names = new Set(partners.list().map(({ name }) => name));
  const findings = policies.map(({ partner, dataset }) => {
    const faults = [
      ...(names.has(partner) ? [] : [`there is no partner "${partner}"`]),
      ...(Object.hasOwn(datasets, dataset) ? [] : [`there is no dataset "${dataset}"`]),
    ];
    return {
      what: `policy ${partner}/${dataset}`,
      ok: faults.length === 0,
      words: faults.join(", ") || "names are known",
    };
  });
  if (findings.length > 0) return findings;
  return [
    {
      what: "policies",
      ok: true,
      words: "there is none: every proposal waits for a person, nothing exact is allowed",
    },
  ];
}

async function partnerFinding({ identity }: HalfroomNode, partner: Partner): Promise<Finding> {
  const { name, address, fingerprint } = partner;
  const what = `partner ${name}`;
  if (address === "") return { what, ok: true, words: "gave no address: it proposes, this side answers" };
  try {
    const { frames } = await connectTls({
      address,
      identity: identity.tls,
      purpose: "session",
      fingerprint,
      waitMs: REACH_MS,
      idleMs: REACH_MS,
      resumeMs: 0,
    });
    await frames.close();
    return { what, ok: true, words: `answers at ${address} with the pinned certificate` };
  } catch (error) {
    const words = error instanceof ProtocolError ? error.message : "cannot be reached";
    return { what, ok: false, words };
  }
}

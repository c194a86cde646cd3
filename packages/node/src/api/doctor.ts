import { stat } from "node:fs/promises";
import { arrayKernels } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { failureWords } from "../events/attempt.ts";
import { targetsOf, type Target } from "../events/targets.ts";
import { openShare } from "../cluster/open-share.ts";
import { claimShare } from "../cluster/share.ts";
import { daysLeft, expiriesOf, expiryWords, TOLD_DAYS, urgency } from "../expiry/expiries.ts";
import type { Settings } from "../config/schema.ts";
import { datasetFiles } from "../datasets/prepare-dataset.ts";
import { codeOf, OperatorError } from "../errors.ts";
import { ledgerGapsIfAny } from "../ledger/against-log.ts";
import { restoredOf } from "../ledger/restored.ts";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "../partners/partners.ts";
import { PERIOD_DAYS_MAX } from "../policy/schema.ts";
import { begunRotation, begunWords } from "../rotation/begun.ts";
import { isPrivate } from "../store/folder.ts";
import { DAY_MS } from "../time.ts";
import { clockWords } from "../partners/clocks.ts";
import { reach } from "../partners/dial.ts";
import { proxyFor, wayWords } from "../partners/proxy.ts";
import { readState } from "./cluster.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface Finding {
  readonly what: string;
  /** A fault keeps the node from working; a warning keeps something from it, or makes it slow. */
  readonly state: "ok" | "warning" | "fault";
  readonly words: string;
}

/** Looks for whatever would keep the node from working, before a partner runs into it. A fault needs the operator. */
export async function doctor(node: HalfroomNode): Promise<Finding[]> {
  return await withState(node, examine);
}

/** A node that can be opened at all has sound keys and settings; this looks at the rest. */
async function examine(node: NodeState): Promise<Finding[]> {
  const rules = await node.rules();
  return [
    {
      what: "identity",
      state: "ok",
      words: `the keys are private and belong together; fingerprint ${node.identity.fingerprint}`,
    },
    kernelsFinding(),
    storeFinding(node),
    auditFinding(node),
    ledgerFinding(node),
    ...restoredFindings(node),
    await folderFinding(node),
    ...(await Promise.all(Object.keys(rules.datasets).map((name) => datasetFinding(node, rules, name)))),
    ...policyFindings(node, rules),
    ...expiryFindings(node, rules),
    ...rotationFindings(node),
    ...(await Promise.all([...targetsOf(node).values()].map((target) => targetFinding(node, target)))),
    ...(node.settings.redis === "" ? [] : [await clusterFinding(node)]),
    ...(await Promise.all(node.partners.list().map((partner) => partnerFinding(node, partner)))),
  ];
}

/** Being slow is not a fault, but the operator wants to know. */
function kernelsFinding(): Finding {
  const isSlow = arrayKernels.name === "typescript";
  const words = isSlow
    ? "arrays are processed in TypeScript, which is slow; build the faster kernels with: npm run prepare"
    : `arrays are processed by ${arrayKernels.name}`;
  return { what: "kernels", state: isSlow ? "warning" : "ok", words };
}

function storeFinding({ store }: NodeState): Finding {
  const ok = store.isWhole();
  return {
    what: "store",
    state: faultUnless(ok),
    words: ok ? "node.sqlite is undamaged" : "node.sqlite is damaged; restore a backup",
  };
}

function auditFinding({ audit }: NodeState): Finding {
  const since = (audit.lastOf("books-compared")?.number ?? 1) - 1;
  const faults = [...audit.faultsAfter(since), audit.headFault()].filter((found) => found !== undefined);
  const rest = since === 0 ? "" : ` since entry ${since}; \`halfroom audit verify\` walks over all`;
  const words = faults[0]?.words ?? `${audit.length} entries, the chain holds${rest}`;
  return { what: "audit", state: faultUnless(faults.length === 0), words };
}

function ledgerFinding(node: NodeState): Finding {
  const [first] = ledgerGapsIfAny(node);
  const words =
    first === undefined ? "holds all that the audit log says was spent" : `${first.words}; restore a backup`;
  return { what: "ledger", state: faultUnless(first === undefined), words };
}

/** For as long as policies refuse because of it, whatever their period. */
function restoredFindings({ audit, clock }: NodeState): Finding[] {
  const restored = restoredOf(audit);
  if (restored === undefined || clock.now() >= restored.at + PERIOD_DAYS_MAX * DAY_MS) return [];
  const at = new Date(restored.at).toISOString().slice(0, 10);
  const words = `this node was restored on ${at}, and nothing proves what it spent before that and after its backup: budgets of a period count as spent for a period from then, and budgets for all time altogether; \`halfroom ledger\` shows what is left`;
  return [{ what: "restored", state: "warning", words }];
}

async function folderFinding({ folder }: NodeState): Promise<Finding> {
  const ok = isPrivate(await stat(folder.path));
  return {
    what: "folder",
    state: faultUnless(ok),
    words: ok ? `${folder.path} is private` : `other users may enter it: chmod 700 ${folder.path}`,
  };
}

async function datasetFinding({ folder }: NodeState, rules: Settings, name: string): Promise<Finding> {
  const what = `dataset ${name}`;
  const files = datasetFiles(folder, rules.datasets[name]!);
  for (const file of files.filter((path) => !/[*?[]/.test(path))) {
    try {
      const { size } = await stat(file);
      if (size === 0 && files.length === 1) return { what, state: "fault", words: `${file} is empty` };
    } catch (error) {
      return { what, state: "fault", words: `${file} cannot be read (${codeOf(error)})` };
    }
  }
  return {
    what,
    state: "ok",
    words: files.length === 0 ? "comes from a database or a store" : `${files.join(", ")} can be read`,
  };
}

/** A policy that allows nothing stops nothing else. */
function policyFindings(
  { partners, invitations, clock }: NodeState,
  { policies, datasets }: Settings,
): Finding[] {
  const names = new Set(partners.list().map(({ name }) => name));
  const invited = new Set(invitations.names(clock.now()));
  const partnerWords = (partner: string) =>
    invited.has(partner)
      ? `${quoted(partner)} is invited and has not joined yet`
      : `there is no partner ${quoted(partner)}: it allows nothing until one of this name has met this node`;
  const findings = policies.map(({ partner, dataset }): Finding => {
    const lacks = [
      ...(names.has(partner) ? [] : [partnerWords(partner)]),
      ...(Object.hasOwn(datasets, dataset) ? [] : [`there is no dataset ${quoted(dataset)}`]),
    ];
    return {
      what: `policy ${partner}/${dataset}`,
      state: lacks.length === 0 ? "ok" : "warning",
      words: lacks.join(", ") || "its partner and dataset exist",
    };
  });
  if (findings.length > 0) return findings;
  return [
    {
      what: "policies",
      state: "ok",
      words: "there are none: every proposal waits for a person, and nothing exact is allowed",
    },
  ];
}

/** What ends within a month. A certificate that has ended keeps partners out; a policy that has allows nothing. */
function expiryFindings(node: NodeState, rules: Settings): Finding[] {
  const now = node.clock.now();
  const near = expiriesOf(node, rules, now).filter((expiry) => daysLeft(expiry, now) <= TOLD_DAYS[0]);
  return near.map((expiry): Finding => {
    const isFault = expiry.what === "certificate" && urgency(expiry, now) === 0;
    const state = isFault ? "fault" : urgency(expiry, now) === undefined ? "ok" : "warning";
    return { what: `end of ${expiry.what}`, state, words: expiryWords(expiry, now) };
  });
}

/** What waits for a person, here or at a partner. */
function rotationFindings({ own, partners, successions }: NodeState): Finding[] {
  const begun = begunRotation({ own });
  const held = partners.list().flatMap(({ name }) =>
    successions
      .candidates(name)
      .filter(({ confirmedAt }) => confirmedAt === undefined)
      .map(({ fingerprint }): Finding => {
        const remedy = `ask its people for the fingerprint, by telephone for example, and if it is this one: halfroom partners confirm ${name} ${fingerprint}`;
        return { what: `identity of ${name}`, state: "warning", words: `it names a new identity; ${remedy}` };
      }),
  );
  if (begun === undefined) return held;
  return [{ what: `next ${begun.part}`, state: "warning", words: begunWords(begun) }, ...held];
}

/** Nothing is sent: `halfroom events test` does. */
async function targetFinding({ events }: NodeState, { name, kind, place, check }: Target): Promise<Finding> {
  const what = `${kind} ${name}`;
  try {
    await check();
  } catch (error) {
    return { what, state: "warning", words: failureWords(error) };
  }
  const { failed = 0, late = 0 } = events.undelivered().find(({ target }) => target === name) ?? {};
  if (failed + late === 0) return { what, state: "ok", words: `nothing failed to reach ${place}` };
  const words = `not everything reached ${place}; tried again: ${late}, given up: ${failed}. halfroom events --failed says why, halfroom events test ${name} whether it works, halfroom events retry sends them`;
  return { what, state: "warning", words };
}

/** Without workers a node works, as it does alone. */
async function clusterFinding(node: NodeState): Promise<Finding> {
  const what = "cluster";
  try {
    await tryShare(node);
    const { redis, workers } = await readState(node);
    const there = workers.flatMap(({ connected }) => connected ?? []);
    const threads = there.reduce((sum, { threads: own }) => sum + own, 0);
    const words = `Redis at ${redis} answers; ${there.length} of ${workers.length} workers are there, with ${threads} threads`;
    return { what, state: there.length === 0 ? "warning" : "ok", words };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { what, state: "fault", words: error.message };
  }
}

/** Errors: `cluster`. */
async function tryShare({ settings, own }: NodeState): Promise<void> {
  const share = await openShare(settings.share);
  try {
    await claimShare(share, own.nodeId!);
  } finally {
    share.close();
  }
}

async function partnerFinding(node: NodeState, partner: Partner): Promise<Finding> {
  const { name, address } = partner;
  const what = `partner ${name}`;
  if (address === "") return { what, state: "ok", words: "only dials: it proposes, and this side answers" };
  try {
    const { aheadMs } = await reach(node, partner, node.identity);
    const clock = clockWords(aheadMs);
    const words = `answers at ${address}${wayWords(proxyFor(node.settings, address))} with the pinned certificate`;
    return {
      what,
      state: clock === undefined ? "ok" : "warning",
      words: [words, clock].filter((part) => part !== undefined).join("; "),
    };
  } catch (error) {
    if (error instanceof OperatorError) return { what, state: "fault", words: error.message };
    if (!(error instanceof ProtocolError)) return { what, state: "warning", words: "cannot be reached" };
    // It may answer again in a minute; another certificate stays another one.
    const isThere = error.code !== "closed" && error.code !== "timeout";
    return { what, state: isThere ? "fault" : "warning", words: error.message };
  }
}

function faultUnless(ok: boolean): Finding["state"] {
  return ok ? "ok" : "fault";
}

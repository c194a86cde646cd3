// Replays: the recovery key, what an auditor is given, and what a replay shows.
import {
  exportReplay,
  isBundle,
  makeRecoveryKey,
  newRecoveryKey,
  OperatorError,
  replayBundles,
  replayKept,
  type ReplayResult,
  useRecoveryKey,
} from "@halfroom/node";
import { badInput } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { SHORT } from "./reports.ts";
import { say, sayJson, tell } from "../../print.ts";

const EARLIER = "Sessions that were sealed to an earlier key still need the earlier file.";

export async function recoveryNewCommand(flags: HomeFlags & { out: string }): Promise<void> {
  const { publicKey } = await withNode(flags, (node) => newRecoveryKey(node, flags.out));
  say(`The private half is in ${flags.out}: move it to a place that this machine cannot read.`);
  say(`The public half is in config.yaml: recovery_key: ${publicKey}`);
  say(EARLIER);
}

export async function recoveryMakeCommand({ out }: { readonly out: string }): Promise<void> {
  const { publicKey } = await makeRecoveryKey(out);
  say(publicKey);
  tell(
    `The private half is in ${out}: keep it offline. The node takes the line above: halfroom recovery use.`,
  );
}

export async function recoveryUseCommand({ key, ...flags }: HomeFlags & { key: string }): Promise<void> {
  await withNode(flags, (node) => useRecoveryKey(node, key));
  say("What replays need is sealed to this key from the next session on.");
  say(EARLIER);
}

export interface ExportFlags extends HomeFlags {
  readonly id: string;
  readonly "recovery-key": string;
  readonly out: string;
}

export async function auditExportCommand(flags: ExportFlags): Promise<void> {
  const { id, out } = flags;
  const { session, role } = await withNode(flags, (node) =>
    exportReplay(node, id, { recoveryKey: flags["recovery-key"], out }),
  );
  say(`${out} has our half of session ${session.slice(0, SHORT)}, as ${role}: data and secrets.`);
  say("Give it to the agreed auditor, never to the partner.");
}

export interface ReplayFlags extends HomeFlags {
  readonly session: string;
  readonly json: boolean;
  readonly "recovery-key"?: string | undefined;
  readonly partner?: string | undefined;
}

/** Ends with the error `departed` where a side departed, or where the material contradicts itself. */
export async function auditReplayCommand(flags: ReplayFlags): Promise<void> {
  const { session, partner } = flags;
  const result = isBundle(session)
    ? await replayBundles(session, partner)
    : await withNode(flags, (node) => replayKept(node, session, { recoveryKey: keyFile(flags), partner }));
  if (flags.json) sayJson(result);
  const words = wordsOf(result);
  if (result.verdict === "departed" || result.verdict === "unusable")
    throw new OperatorError("departed", words);
  if (!flags.json) say(words);
}

function keyFile(flags: ReplayFlags): string {
  const file = flags["recovery-key"];
  if (file === undefined) throw badInput("--recovery-key FILE opens what the node sealed of its session.");
  return file;
}

function wordsOf(result: ReplayResult): string {
  const session = `Session ${result.session.slice(0, SHORT)}`;
  switch (result.verdict) {
    case "clean":
      return `${session}: all ${result.messages} messages are those of honest nodes.`;
    case "ended": {
      const by = result.by === undefined ? "the record ends" : `the ${result.by.side} ended it`;
      return `${session}: ${by} after ${result.messages} messages, all of them those of honest nodes.`;
    }
    case "half":
      return `${session}: ${result.messages} of our ${result.of} messages follow from our own material, and are those of an honest node. The others depend on the partner's: --partner FILE takes its half.`;
    case "departed": {
      const { side, stream, sequence, type } = result.message;
      const where = typeof stream === "number" ? `lane ${stream}` : stream;
      return `${session}: the ${side} departed with ${type}, message ${sequence} of its ${where}, after ${result.messages} honest messages: ${result.words}.`;
    }
    case "unusable":
      return `${session}: ${result.side === undefined ? "the two records contradict each other" : `the ${result.side}'s material cannot be used`}: ${result.words}.`;
  }
}

// Rotate: certificate, identity, vault, epoch.
import { groupedFingerprint, rotate, rotateEpoch, rotateVault, type Rotation } from "@halfroom/node";
import { say, sayJson } from "../../print.ts";
import { withNode, type HomeFlags } from "./folder.ts";

export interface RotateFlags extends HomeFlags {
  readonly now: boolean;
  readonly json: boolean;
}

const STANDINGS: Readonly<Record<Rotation["partners"][number]["standing"], string>> = {
  follows: "lets the new certificate in",
  waits: "does not let it in yet",
  away: "cannot be reached at the moment",
  dials: "gave no address: it sees the new certificate when it calls",
};

export async function rotateCertificateCommand(flags: RotateFlags): Promise<void> {
  const rotation = await withNode(flags, (node) => rotate(node, "certificate", { anyway: flags.now }));
  if (flags.json) return sayJson(rotation);
  sayRotation(rotation);
  if (!rotation.isDone)
    say(
      "The certificate of today stays. A partner that does not let the new one in has an older version, or has removed this node. Ask again with: halfroom rotate certificate; or use it at once with --now.",
    );
}

export async function rotateIdentityCommand(flags: RotateFlags): Promise<void> {
  const rotation = await withNode(flags, (node) => rotate(node, "identity", { anyway: flags.now }));
  if (flags.json) return sayJson(rotation);
  sayRotation(rotation);
  if (!rotation.isDone)
    say(
      "The identity of today stays. Tell each partner's people the new fingerprint, by telephone for example: they confirm it with halfroom partners confirm. Ask again with: halfroom rotate identity; or use it at once with --now, and those who have not confirmed cannot be met until they have.",
    );
}

function sayRotation({ part, from, to, isDone, partners, invited }: Rotation): void {
  say(isDone ? `This node has another ${part}.` : `The next ${part} of this node is ready.`);
  say(`  ${groupedFingerprint(from)}`);
  say(`  -> ${groupedFingerprint(to)}`);
  for (const { partner, standing } of partners) say(`${partner}: ${STANDINGS[standing]}.`);
  for (const name of invited)
    say(`The invitation of ${name} is of no use with the new certificate: invite ${name} again.`);
  if (isDone) say("A serving node shows it within seconds. Make a backup: one from before does not have it.");
}

export async function rotateVaultCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const secrets = await withNode(flags, rotateVault);
  if (flags.json) return sayJson({ secrets });
  say(`The vault has another root: all its secrets (${secrets}) are sealed anew, and the old root is gone.`);
  say("Make a backup: one from before holds the old root.");
}

export async function rotateEpochCommand(
  flags: HomeFlags & { partner: string; json: boolean },
): Promise<void> {
  const epoch = await withNode(flags, (node) => rotateEpoch(node, flags.partner));
  if (flags.json) return sayJson({ epoch: epoch ?? null });
  if (epoch === undefined) return say(`No epoch runs with ${flags.partner}: there is no key to replace.`);
  say(`Epoch ${epoch} with ${flags.partner} has ended, and its key is gone.`);
  say(
    "The next session in which this node is the sender makes another one and all pseudonyms anew. What was spent still counts; the evaluations are counted anew.",
  );
}

// This node's half of a kept session, opened by its recovery key and with its dataset as it is now.
import { allNumbers, allRows } from "@halfroom/crypto";
import { commitTo, heldData } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import type { SessionRow } from "../sessions/row.ts";
import { withRecords } from "../store/records.ts";
import { prepareDataset } from "../datasets/prepare-dataset.ts";
import type { Bundle } from "./bundle.ts";
import { openSecrets, REPLAY_DAYS } from "./kept-sessions.ts";

/**
 * `id`: the session's local id, or the first digits of its hash. Errors: `no-session`, `no-replay`, `recovery-key`, `no-dataset`,
 * `replay-data`, and those of reading the data.
 */
export async function ownHalf(node: NodeState, id: string, recoveryKey: Uint8Array): Promise<Bundle> {
  const row = findSession(node, id);
  const session = row.session;
  const kept = session === undefined ? undefined : node.kept.get(session);
  if (session === undefined || kept === undefined) {
    const words = `Nothing was kept to replay session ${row.id}: its terms did not ask for it, or ${REPLAY_DAYS} days have passed.`;
    throw new OperatorError("no-replay", words);
  }
  const opened = openSecrets(session, recoveryKey, kept.sealed);
  if (opened === undefined)
    throw new OperatorError("recovery-key", "The session was sealed to another recovery key than this one.");
  const { secrets, everybody } = opened;
  const agreement = node.agreements.get(session)!;
  const { role } = row;
  const { terms } = agreement.content;
  const rules = await node.rules();
  const dataset = rules.datasets[terms.datasets[role]];
  if (dataset === undefined)
    throw new OperatorError("no-dataset", `The dataset ${quoted(terms.datasets[role])} is no longer there.`);
  const where = secrets.filter === "" ? undefined : secrets.filter;
  const { data, items, digest } = await withRecords(node.scratch, async (records) => {
    const askedAt = row.createdAt;
    const prepared = await prepareDataset({ node, dataset, role, terms, where, askedAt, records });
    const { identifiers, items: rows } = prepared.takeIdentifiers();
    const held = { identifiers: await allRows(identifiers), items: rows && (await allNumbers(rows)) };
    return { data: await heldData(prepared.data), items: held, digest: prepared.everybody! };
  });
  const isSame =
    isEqual(commitTo("data", secrets.salts.data, data.digest), agreement.content[role].data) &&
    isEqual(everybody, digest);
  if (!isSame) throw otherData(terms.datasets[role]);
  // The key of then.
  const signingKey = node.own.keyWith(agreement.content[role].fingerprint) ?? node.identity.signingKey;
  return {
    agreement,
    role,
    side: { secrets, data, items, signingKey, record: kept.record },
  };
}

function otherData(name: string): OperatorError {
  const words = `The dataset ${quoted(name)} is not what the session had: restore it, people outside of the report's filter included, and the list of people who opted out, as they were then.`;
  return new OperatorError("replay-data", words);
}

const isEqual = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;

function findSession({ sessions }: NodeState, id: string): SessionRow {
  const found = sessions
    .list()
    .filter((row) => row.id === id || (id.length >= 8 && row.session?.startsWith(id)));
  return found.length === 1 ? found[0]! : sessions.get(id);
}

// An open node as its users hold it: a handle, from which every verb of this folder begins.
import { toOperatorError } from "../errors.ts";
import { openState, type NodeState } from "../node-state.ts";
import { actorText, type Actor } from "../people/actor.ts";
import { nodeFolder } from "../store/folder.ts";

/** A node in this process. Close it when nothing more is to be done with it. */
export interface HalfroomNode {
  /** The absolute path of its folder. */
  readonly folder: string;
  /** SHA-256 of its certificate, 64 hexadecimal digits: what a partner pins. */
  readonly fingerprint: string;
  /** Lets go of the folder. No verb works on the node afterwards. */
  close(): void;
}

const states = new WeakMap<HalfroomNode, NodeState>();

/**
 * Opens the node in `folder` (by default $HALFROOM_HOME, else ~/.halfroom) and closes the sessions that an earlier process
 * left half done. Several processes may hold one node. `env` has the variables that override settings.
 * Rejects with OperatorError `no-node`, `settings`, `folder`, `open-to-others`, `damaged`, `other-store`, `newer-store`.
 */
export async function openNode(
  folder?: string,
  { env = process.env }: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<HalfroomNode> {
  return await inWords(async () => handleOf(await openState(nodeFolder(folder, env), env)));
}

export function handleOf(state: NodeState): HalfroomNode {
  const node: HalfroomNode = {
    folder: state.folder.path,
    get fingerprint() {
      return state.identity.fingerprint;
    },
    close() {
      if (states.delete(node)) state.close();
    },
  };
  states.set(node, state);
  return node;
}

/**
 * The same open node in the hands of `actor`, who stands in the audit log with whatever the verbs do on it. Closing it closes nothing.
 * Throws TypeError for a node that is closed.
 */
export function actingFor(node: HalfroomNode, actor: Actor): HalfroomNode {
  const state = stateOf(node);
  const acting: HalfroomNode = {
    folder: node.folder,
    get fingerprint() {
      return node.fingerprint;
    },
    close: () => void states.delete(acting),
  };
  states.set(acting, { ...state, actor, audit: state.audit.of(actorText(actor)) });
  return acting;
}

/** Does a verb's work on the node's own state. Throws TypeError for a node that is closed. */
export async function withState<T>(
  node: HalfroomNode,
  work: (state: NodeState) => T | Promise<T>,
): Promise<T> {
  const state = stateOf(node);
  return await inWords(async () => await work(state));
}

function stateOf(node: HalfroomNode): NodeState {
  const state = states.get(node);
  if (state === undefined) throw new TypeError("not an open node: openNode opens one, until close()");
  return state;
}

/** What an operator can do something about becomes an OperatorError; a defect stays as it is. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toOperatorError(error);
  }
}

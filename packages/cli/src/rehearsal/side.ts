// One side of a rehearsal, in a process of its own: a node in a temporary folder that meets its partner and runs one session
// with it. Except for the suppress list of another node, it does only what a user does with `init`, `dataset add`,
// `policy add`, `serve`, `invite`, `join` and `run`.
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join as joinPath } from "node:path";
import {
  addDataset,
  addPolicies,
  adoptSuppressList,
  groupedFingerprint,
  initNode,
  invite,
  join,
  openNode,
  run,
  serve,
  type HalfroomNode,
} from "@halfroom/node";
import { OperatorError, badInput } from "../failure.ts";
import type { Instruction, SideBrief, SideMessage } from "./messages.ts";

const INVITATION_HOURS = 1;

/** Runs the side that the rehearsal tells this process to run. Throws OperatorError as the commands of a node do. */
export async function sideCommand(): Promise<void> {
  const rehearsal = openLine();
  const brief = await rehearsal.instruction("begin");
  try {
    const { fingerprint } = await initNode(brief.home);
    const node = await openNode(brief.home, { env: settingsOf(brief) });
    try {
      await addDataset(node, brief.dataset.name, brief.dataset.definition);
      await rehearsal.tell({ type: "made", fingerprint: groupedFingerprint(fingerprint) });
      const json = await withOwnersList(node, brief, () =>
        brief.request === undefined
          ? answer(node, brief, rehearsal)
          : propose(node, brief, brief.request, rehearsal),
      );
      await rehearsal.tell({ type: "report", json });
    } finally {
      node.close();
    }
  } catch (error) {
    if (error instanceof OperatorError) await rehearsal.tell({ type: "failed", code: error.code });
    throw error;
  }
}

/** People who opted out of the node that declares the dataset stay out of its rehearsals as well. */
async function withOwnersList<T>(
  node: HalfroomNode,
  { owner: folder }: SideBrief,
  work: () => Promise<T>,
): Promise<T> {
  if (folder === undefined) return await work();
  const owner = await openNode(folder);
  try {
    await adoptSuppressList(node, owner);
    return await work();
  } finally {
    owner.close();
  }
}

interface Line {
  /** The next instruction, which must be of this type. */
  instruction<Type extends Instruction["type"]>(type: Type): Promise<Extract<Instruction, { type: Type }>>;
  /** Resolves once the event is sent; events arrive in order. */
  tell(message: SideMessage): Promise<void>;
}

/** The message channel to the process that started this one. When that one ends, in whatever way, this one exits too. */
function openLine(): Line {
  if (process.send === undefined) {
    throw badInput("This command is internal: `halfroom rehearse` starts it.");
  }
  const send = process.send.bind(process);
  const arrived: Instruction[] = [];
  let look: () => void = () => {};
  let home: string | undefined;
  process.on("message", (instruction: Instruction) => {
    if (instruction.type === "begin") home = instruction.home;
    arrived.push(instruction);
    look();
  });
  process.on("disconnect", () => {
    try {
      if (home !== undefined) rmSync(home, { recursive: true, force: true });
    } finally {
      // An ordinary exit would wait for the query under way, which waits for this thread.
      process.kill(process.pid, "SIGKILL");
    }
  });
  return {
    instruction: (type) =>
      new Promise((resolve) => {
        look = () => {
          if (arrived[0]?.type !== type) return;
          look = () => {};
          resolve(arrived.shift() as Extract<Instruction, { type: typeof type }>);
        };
        look();
      }),
    // Nobody waits for an event that cannot be sent: this process ends with the channel.
    tell: (message) => new Promise((resolve) => send(message, () => resolve())),
  };
}

/** Once the partner is invited or has been joined. */
async function allowReport(node: HalfroomNode, { home, policy }: SideBrief): Promise<void> {
  const policyFile = joinPath(home, "policy.yaml");
  await writeFile(policyFile, JSON.stringify(policy));
  await addPolicies(node, policyFile);
}

/** Serves until the session with the partner has ended. Returns the report as the node stores it. */
async function answer(node: HalfroomNode, brief: SideBrief, rehearsal: Line): Promise<string> {
  const session = settled<string>();
  const serving = await serve(node, (event) => {
    if (event.type === "done") session.resolve(event.json);
    else if (event.type === "failed") session.reject(new OperatorError(event.code, event.words));
    else void rehearsal.tell(event);
  });
  try {
    const { address } = serving;
    const { token } = await invite(node, { name: brief.partner, hours: INVITATION_HOURS, address });
    await allowReport(node, brief);
    void rehearsal.tell({ type: "serving", address, token });
    return await session.promise;
  } finally {
    await serving.close();
  }
}

/** Joins the partner and proposes the request to it. Returns the report as the node stores it. */
async function propose(
  node: HalfroomNode,
  brief: SideBrief,
  request: string,
  rehearsal: Line,
): Promise<string> {
  const { token } = await rehearsal.instruction("join");
  const { address } = await join(node, { token, name: brief.partner });
  await allowReport(node, brief);
  void rehearsal.tell({ type: "joined", address });
  const { json } = await run(node, { text: request, name: "the request" }, (event) => {
    void rehearsal.tell(event);
  });
  return json;
}

/** A free port on the loopback. Settings in the environment, meant for the user's own node, do not apply. */
function settingsOf({ threads, timeoutSeconds }: SideBrief): NodeJS.ProcessEnv {
  return {
    HALFROOM_LISTEN: "127.0.0.1:0",
    HALFROOM_ADMIN: "127.0.0.1:0",
    HALFROOM_PROXY: "none",
    HALFROOM_LOG_LEVEL: "silent",
    HALFROOM_THREADS: String(threads),
    HALFROOM_IDLE_SECONDS: String(timeoutSeconds),
    // A rehearsal spends nothing, and shows what was dropped.
    HALFROOM_DROPPED_PERCENT_MAX: "100",
    HALFROOM_CLIPPED_PERCENT_MAX: "100",
    // On one machine, a connection is lost only when one of the two processes ends.
    HALFROOM_RESUME_SECONDS: "0",
  };
}

interface Settled<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function settled<T>(): Settled<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((whenDone, whenFailed) => {
    resolve = whenDone;
    reject = whenFailed;
  });
  // It may fail before anybody awaits it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

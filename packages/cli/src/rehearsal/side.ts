// One side of a rehearsal, in a process of its own: a node in a temporary folder that meets its partner and runs one session
// with it. All that it does, a user of `init`, `dataset add`, `policy add`, `serve`, `invite`, `join` and `run` does too.
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join as joinPath } from "node:path";
import {
  addDataset,
  addPolicies,
  groupedFingerprint,
  initiate,
  initNode,
  invite,
  join,
  nodeFolder,
  openLog,
  openNode,
  planReport,
  serve,
} from "@halfroom/node";
import type { HalfroomNode, NodeFolder, SessionReport } from "@halfroom/node";
import { inWords } from "../commands/node/folder.ts";
import { EXIT, badInput } from "../failure.ts";
import type { Instruction, SideBrief, SideEvent } from "./messages.ts";

const INVITATION_HOURS = 1;

/** Obeys the rehearsal that started this process. Throws Failure as the commands of a node do. */
export async function sideCommand(): Promise<void> {
  const rehearsal = openLine();
  const brief = await rehearsal.instruction("begin");
  await inWords(async () => {
    const folder = await makeNode(brief, rehearsal);
    const report =
      brief.request === undefined
        ? await answer(brief, folder, rehearsal)
        : await propose(brief, folder, brief.request, rehearsal);
    await rehearsal.tell({ type: "report", json: report.json });
  });
}

interface Line {
  /** The next instruction, which must be of this type. */
  instruction<Type extends Instruction["type"]>(type: Type): Promise<Extract<Instruction, { type: Type }>>;
  /** Resolves once the event is on its way; events arrive in the order in which they are told. */
  tell(event: SideEvent): Promise<void>;
}

/** The message channel to the process that started this one. When that is gone, however it went, this one goes too. */
function openLine(): Line {
  if (process.send === undefined) {
    throw badInput("This command is a part of `halfroom rehearse`, which starts it by itself.");
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
    if (home !== undefined) rmSync(home, { recursive: true, force: true });
    process.exit(EXIT.protocolFailure);
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
    // An event that cannot be sent has nobody who waits for it: this process ends with the channel.
    tell: (event) => new Promise((resolve) => send(event, () => resolve())),
  };
}

async function makeNode({ home, dataset, policy }: SideBrief, rehearsal: Line): Promise<NodeFolder> {
  const folder = nodeFolder(home);
  const { fingerprint } = await initNode(folder);
  await addDataset(folder, dataset.name, dataset.definition);
  const policyFile = joinPath(home, "policy.yaml");
  await writeFile(policyFile, JSON.stringify(policy));
  await addPolicies(folder, policyFile);
  await rehearsal.tell({ type: "made", fingerprint: groupedFingerprint(fingerprint) });
  return folder;
}

async function answer(brief: SideBrief, folder: NodeFolder, rehearsal: Line): Promise<SessionReport> {
  return await withNode(folder, settingsOf(brief), async (node) => {
    const session = settled<SessionReport>();
    const serving = await serve(node, openLog(node.settings), (event) => {
      if (event.type === "done") session.resolve(event.report);
      else if (event.type === "failed") session.reject(event.error);
      else void rehearsal.tell(event);
    });
    try {
      const { address } = serving;
      const token = await withNode(
        folder,
        { ...settingsOf(brief), HALFROOM_ADDRESS: address },
        (inviting) => {
          return invite(inviting, brief.partner, INVITATION_HOURS).token;
        },
      );
      void rehearsal.tell({ type: "serving", address, token });
      return await session.promise;
    } finally {
      await serving.close();
    }
  });
}

async function propose(
  brief: SideBrief,
  folder: NodeFolder,
  request: string,
  rehearsal: Line,
): Promise<SessionReport> {
  return await withNode(folder, settingsOf(brief), async (node) => {
    const { token } = await rehearsal.instruction("join");
    const { address } = await join(node, token, brief.partner);
    void rehearsal.tell({ type: "joined", address });
    const file = joinPath(brief.home, "request.yaml");
    await writeFile(file, request);
    const plan = await planReport(node, file);
    return await initiate(node, plan, (event) => void rehearsal.tell(event));
  });
}

async function withNode<T>(
  folder: NodeFolder,
  settings: NodeJS.ProcessEnv,
  work: (node: HalfroomNode) => T | Promise<T>,
): Promise<T> {
  const node = await openNode(folder, settings);
  try {
    return await work(node);
  } finally {
    node.close();
  }
}

/** Any free port of this machine alone. What the user's environment sets for a node of theirs does not hold here. */
function settingsOf({ threads, timeoutSeconds }: SideBrief): NodeJS.ProcessEnv {
  return {
    HALFROOM_LISTEN: "127.0.0.1:0",
    HALFROOM_ADMIN: "127.0.0.1:0",
    HALFROOM_LOG_LEVEL: "silent",
    HALFROOM_THREADS: String(threads),
    HALFROOM_IDLE_SECONDS: String(timeoutSeconds),
    // A connection of one machine is lost only with one of the two processes.
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

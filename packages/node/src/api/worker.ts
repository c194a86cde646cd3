import { availableParallelism } from "node:os";
import { encodeRequest, makeCredential, readCredential, workerFingerprint } from "../cluster/credential.ts";
import { workerSettings } from "../cluster/worker-settings.ts";
import { openLog } from "../serve/log.ts";
import { QuietLog } from "../serve/quiet-log.ts";
import { nodeFolder } from "../store/folder.ts";
import { telemetryAt } from "../telemetry/telemetry.ts";
import { inWords } from "./node.ts";

export interface WorkerEnrolment {
  /** The absolute path of the worker's folder. */
  readonly folder: string;
  /** Of its public key, 64 hexadecimal digits: the leader shows the same. */
  readonly fingerprint: string;
  /** What `addWorker` takes at the leader; it holds nothing secret. */
  readonly request: string;
}

/** A worker that takes blocks. */
export interface Working {
  /** Takes no more blocks, and resolves once those that it has are done. */
  close(): Promise<void>;
}

/**
 * Makes a worker in `folder` (by default $HALFROOM_HOME, else ~/.halfroom), or takes the one that is there. Rejects with OperatorError
 * `name`, `name-taken`, `node-exists`, `folder`.
 */
export async function enrolWorker(
  folder: string | undefined,
  { name, env = process.env }: { readonly name: string; readonly env?: NodeJS.ProcessEnv },
): Promise<WorkerEnrolment> {
  return await inWords(async () => {
    const files = nodeFolder(folder, env);
    const credential = await makeCredential(files, name);
    return {
      folder: files.path,
      fingerprint: workerFingerprint(credential.publicKey),
      request: encodeRequest(credential),
    };
  });
}

/**
 * Computes blocks for a leader until it is closed: the worker in `folder`, with so many threads, by default one for each core. Its
 * settings come from `env`; it logs to stderr. Rejects with OperatorError `settings`, `no-worker`, `open-to-others`, `damaged`, `cluster`.
 */
export async function work(
  folder: string | undefined,
  {
    threads,
    env = process.env,
  }: { readonly threads?: number | undefined; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Working> {
  return await inWords(async () => {
    const settings = workerSettings(env);
    const credential = await readCredential(nodeFolder(folder, env));
    const { startWorker } = await import("../cluster/worker.ts");
    const { redis, share, otlp, listen, address, proxy } = settings;
    const log = openLog(settings);
    const instance = workerFingerprint(credential.publicKey);
    const quiet = new QuietLog(log);
    const telemetry = await telemetryAt(otlp, instance, (words) => quiet.warn(words, {}, words));
    const count = threads ?? availableParallelism();
    const streams = { listen, address, proxy };
    return await startWorker({ redis, share, credential, threads: count, streams, log, telemetry });
  });
}

// What the throwaway servers of tests have in common: a folder, a port and a certificate of their own, and a user who is not root.
import { execFile, spawn } from "node:child_process";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generate } from "selfsigned";

export const run = promisify(execFile);

/** A folder that belongs to whom the server runs as; empty if this process already is somebody else than root. */
export interface Place {
  readonly folder: string;
  readonly user: { uid: number; gid: number } | undefined;
  /** Writes a file that only the server's user may read. */
  secret(name: string, content: string): Promise<string>;
}

/** `name`: the user whom the server's package brings. */
export async function placeFor(name: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), `halfroom-${name}-`));
  const id = async (flag: string): Promise<number> => Number((await run("id", [flag, name])).stdout);
  const user = process.getuid?.() === 0 ? { uid: await id("-u"), gid: await id("-g") } : undefined;
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return {
    folder,
    user,
    async secret(file, content) {
      const path = join(folder, file);
      await writeFile(path, content, { mode: 0o600 });
      if (user !== undefined) await chown(path, user.uid, user.gid);
      return path;
    },
  };
}

/** A certificate for the host `localhost`, signed by itself, and its key. */
export async function ownCertificate(): Promise<{ certificate: string; key: string }> {
  const options = {
    ...({ keyType: "ec", curve: "P-256", algorithm: "sha256" } as const),
    extensions: [{ name: "subjectAltName" as const, altNames: [{ type: 2 as const, value: "localhost" }] }],
  };
  const pems = await generate([{ name: "commonName", value: "localhost" }], options);
  return { certificate: pems.cert, key: pems.private };
}

/** Starts a program and waits until `ready` resolves to true. Returns what ends it and removes its folder. */
export async function startServer(
  { folder, user }: Place,
  [program, ...words]: readonly [string, ...string[]],
  end: NodeJS.Signals,
  ready: () => Promise<boolean>,
): Promise<() => Promise<void>> {
  const server = spawn(program, words, { ...user, cwd: folder, stdio: "ignore" });
  let over = false;
  const ended = new Promise<void>((resolve) =>
    server.once("exit", () => {
      over = true;
      resolve();
    }),
  );
  while (!(await ready())) {
    if (over) throw new Error(`${program} ended while starting`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return async () => {
    server.kill(end);
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
}

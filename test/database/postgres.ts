// A PostgreSQL server for the tests that need a real one: a throwaway cluster on a free loopback port, removed at the end.
// HALFROOM_TEST_POSTGRES (a URL whose user may create tables) names an existing server to use instead.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALLED = "/usr/lib/postgresql";

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((process.env["HALFROOM_TEST_POSTGRES"] ?? "") !== "") return undefined;
  const bin = await newestBin();
  const folder = await mkdtemp(join(tmpdir(), "halfroom-postgres-"));
  const user = await serverUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const secret = join(folder, "password");
  const password = randomBytes(12).toString("hex");
  await writeFile(secret, password, { mode: 0o600 });
  if (user !== undefined) await chown(secret, user.uid, user.gid);
  await run(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-U",
      "halfroom",
      "-A",
      "scram-sha-256",
      `--pwfile=${secret}`,
      "-E",
      "UTF8",
      "--no-sync",
      "--locale=C",
    ],
    { ...user, cwd: folder },
  );
  const port = await freePort();
  // Nobody keeps the data, so fsync is off.
  const server = spawn(
    join(bin, "postgres"),
    [
      "-D",
      data,
      "-p",
      String(port),
      "-h",
      "127.0.0.1",
      "-c",
      `unix_socket_directories=${folder}`,
      "-c",
      "fsync=off",
    ],
    { ...user, cwd: folder, stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  await untilReady(bin, port, ended);
  process.env["HALFROOM_TEST_POSTGRES"] = `postgres://halfroom:${password}@127.0.0.1:${port}/postgres`;
  return async () => {
    server.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
}

async function newestBin(): Promise<string> {
  const versions = await readdir(INSTALLED).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .sort((a, b) => b - a)[0];
  if (newest !== undefined) return join(INSTALLED, String(newest), "bin");
  throw new Error(
    "These tests need PostgreSQL. Install Debian's package postgresql (apt-get install postgresql),\n" +
      "or set HALFROOM_TEST_POSTGRES to the URL of a server with a user who may create tables.",
  );
}

/** The server refuses to run as root; the package brings a user of its own. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string): Promise<number> => Number((await run("id", [flag, "postgres"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function untilReady(bin: string, port: number, ended: Promise<void>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const ready = await run(join(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]).then(
      () => true,
      () => false,
    );
    if (ready) return;
    if (over) throw new Error("PostgreSQL ended while starting");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

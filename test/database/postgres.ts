// A PostgreSQL server for the tests that need a real one: a throwaway cluster on a free loopback port and on a socket, with a certificate
// of its own, removed at the end. HALFROOM_TEST_POSTGRES (a URL whose user may create tables) names an existing server to use instead;
// HALFROOM_TEST_POSTGRES_CA is the file with the throwaway server's certificate.
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../ports/free-port.ts";
import { ownCertificate, placeFor, run, startServer } from "./servers.ts";

const INSTALLED = "/usr/lib/postgresql";

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((process.env["HALFROOM_TEST_POSTGRES"] ?? "") !== "") return undefined;
  const bin = await newestBin();
  const place = await placeFor("postgres");
  const { folder, user, secret } = place;
  const data = join(folder, "data");
  const password = randomBytes(12).toString("hex");
  const access = ["-U", "halfroom", "-A", "scram-sha-256", `--pwfile=${await secret("password", password)}`];
  const cluster = ["-D", data, ...access, "-E", "UTF8", "--no-sync", "--locale=C"];
  await run(join(bin, "initdb"), cluster, { ...user, cwd: folder });
  const { certificate, key } = await ownCertificate();
  const ca = await secret("server.crt", certificate);
  const settings = {
    unix_socket_directories: folder,
    // Nobody keeps the data.
    fsync: "off",
    ssl: "on",
    ssl_cert_file: ca,
    ssl_key_file: await secret("server.key", key),
  };
  const port = await freePort();
  const stop = await startServer(
    place,
    [
      join(bin, "postgres"),
      `-D${data}`,
      `-p${port}`,
      "-h127.0.0.1",
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    "SIGINT",
    async () =>
      await run(join(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]).then(
        () => true,
        () => false,
      ),
  );
  process.env["HALFROOM_TEST_POSTGRES"] = `postgres://halfroom:${password}@127.0.0.1:${port}/postgres`;
  process.env["HALFROOM_TEST_POSTGRES_CA"] = ca;
  return stop;
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

// A MariaDB server for the tests that need a real one: a throwaway data folder, on a free loopback port and on a socket, with a certificate
// of its own, removed at the end. HALFROOM_TEST_MYSQL (a URL whose user may create tables) names an existing server to use instead;
// HALFROOM_TEST_MYSQL_CA is the file with the throwaway server's certificate.
import { randomBytes } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../ports/free-port.ts";
import { ownCertificate, placeFor, run, startServer } from "./servers.ts";

const SERVER = "/usr/sbin/mariadbd";

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((process.env["HALFROOM_TEST_MYSQL"] ?? "") !== "") return undefined;
  await access(SERVER).catch(() => {
    throw new Error(
      "These tests need MariaDB. Install Debian's package mariadb-server (apt-get install mariadb-server),\n" +
        "or set HALFROOM_TEST_MYSQL to the URL of a server with a user who may create tables.",
    );
  });
  const place = await placeFor("mysql");
  const { folder, user, secret } = place;
  const data = join(folder, "data");
  const password = randomBytes(12).toString("hex");
  const { certificate, key } = await ownCertificate();
  const ca = await secret("server.crt", certificate);
  // Users come by a file, since nobody has a password before.
  const users = await secret(
    "users.sql",
    [
      "create database halfroom;",
      `create user halfroom@'%' identified by '${password}';`,
      "grant all on *.* to halfroom@'%';",
    ].join("\n"),
  );
  await run(
    "mariadb-install-db",
    ["--no-defaults", `--datadir=${data}`, "--skip-test-db", "--auth-root-authentication-method=normal"],
    { ...user, cwd: folder },
  );
  const port = await freePort();
  const socket = join(folder, "socket");
  const settings = {
    datadir: data,
    socket,
    port,
    "bind-address": "127.0.0.1",
    "init-file": users,
    "ssl-cert": ca,
    "ssl-key": await secret("server.key", key),
    // Nobody keeps the data.
    "innodb-flush-log-at-trx-commit": 0,
    "innodb-buffer-pool-size": "32M",
  };
  const words = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const stop = await startServer(
    place,
    [SERVER, "--no-defaults", "--skip-name-resolve", ...words],
    "SIGTERM",
    async () => {
      const status = [
        "--no-defaults",
        `--socket=${socket}`,
        "-u",
        "halfroom",
        `--password=${password}`,
        "status",
      ];
      return await run("mariadb-admin", status).then(
        () => true,
        () => false,
      );
    },
  );
  process.env["HALFROOM_TEST_MYSQL"] = `mysql://halfroom:${password}@127.0.0.1:${port}/halfroom`;
  process.env["HALFROOM_TEST_MYSQL_CA"] = ca;
  return stop;
}

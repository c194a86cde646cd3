// Where a MySQL or MariaDB server is, by the rules of its own programs
// (https://dev.mysql.com/doc/refman/8.4/en/connecting-using-uri-or-key-value-pairs.html): URL, sockets, ssl-mode.
import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { userInfo } from "node:os";
import type { ConnectionOptions, SslOptions } from "mysql2";
import { InputError } from "../../errors.ts";
import { attemptsOf, type Attempt, type TlsMode } from "./tls.ts";
import type { DatabaseUrl } from "./url.ts";

export interface MysqlAddress {
  readonly config: ConnectionOptions;
  readonly attempts: readonly (SslOptions | false)[];
}

const PORT = 3306;
const SOCKETS = ["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];
const CONNECT_SECONDS = 10;
const READ = ["socket", "connect-timeout", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"];

const MODES: Readonly<Record<string, TlsMode>> = {
  DISABLED: "disable",
  PREFERRED: "prefer",
  REQUIRED: "require",
  VERIFY_CA: "verify-ca",
  VERIFY_IDENTITY: "verify-full",
};

/** Throws `InputError` (`credentials`), in whose words nothing of the URL is. */
export async function mysqlAddress(url: DatabaseUrl, label: string): Promise<MysqlAddress> {
  const fault = (remedy: string) => new InputError("credentials", { file: label, remedy });
  // Another name may be a part of a password in which a mark is not encoded.
  if ([...url.parameters.keys()].some((name) => !READ.includes(name))) {
    throw fault(`Of a URL's parameters ${READ.join(", ")} can be followed: leave others out.`);
  }
  const given = (name: string) => url.parameters.get(name) || undefined;
  const seconds = Number(given("connect-timeout") ?? CONNECT_SECONDS);
  if (!(seconds > 0)) throw fault("Its connect-timeout is not a number of seconds.");
  const { host, port, database } = url;
  const socketPath =
    given("socket") ?? (host === undefined ? SOCKETS.find((each) => existsSync(each)) : undefined);
  const config: ConnectionOptions = {
    user: url.user ?? userInfo().username,
    ...(database !== undefined && { database }),
    password: url.password ?? process.env["MYSQL_PWD"] ?? "",
    connectTimeout: seconds * 1000,
  };
  // What goes through a socket stays on this machine.
  if (socketPath !== undefined) return { config: { ...config, socketPath }, attempts: [false] };
  const attempts = await attemptsTo(host ?? "127.0.0.1", given, fault);
  return {
    config: { ...config, host: host ?? "127.0.0.1", port: port ?? PORT },
    attempts: attempts.map(optionsOf),
  };
}

async function attemptsTo(
  host: string,
  given: (name: string) => string | undefined,
  fault: (remedy: string) => InputError,
): Promise<Attempt[]> {
  const mode = MODES[(given("ssl-mode") ?? "PREFERRED").toUpperCase()];
  if (mode === undefined) throw fault(`Its ssl-mode is none of ${Object.keys(MODES).join(", ")}.`);
  const authority = given("ssl-ca");
  if (mode === "verify-ca" && authority === undefined) {
    throw fault("VERIFY_CA needs the file with the authority's certificate, ssl-ca=/path/ca.pem.");
  }
  // The driver would look for another name in the certificate.
  if (mode === "verify-full" && isIP(host) !== 0) {
    throw fault("VERIFY_IDENTITY needs the host's name, not its address: write it, or VERIFY_CA.");
  }
  return await attemptsOf(mode, { authority, certificate: given("ssl-cert"), key: given("ssl-key") });
}

function optionsOf(attempt: Attempt): SslOptions | false {
  if (attempt === false) return false;
  const { checkServerIdentity, ...options } = attempt;
  return { ...(options as SslOptions), verifyIdentity: checkServerIdentity === undefined };
}

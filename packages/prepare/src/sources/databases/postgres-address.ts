// Where a PostgreSQL server is, by the rules of libpq (https://www.postgresql.org/docs/current/libpq-connect.html): URL, PG* variables,
// sockets, sslmode, and the password file.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import pgPass from "pgpass";
import { InputError } from "../../errors.ts";
import { attemptsOf, TLS_MODES, type Attempt, type TlsMode } from "./tls.ts";
import type { DatabaseUrl } from "./url.ts";

export interface PostgresAddress {
  readonly config: pg.ClientConfig;
  readonly attempts: readonly Attempt[];
}

const PORT = 5432;
/** Where servers put their sockets: Debian's and Red Hat's, and PostgreSQL's own. */
const SOCKET_FOLDERS = ["/var/run/postgresql", "/tmp"];
const CONNECT_SECONDS = 10;

/** What the URL may say, besides what it says in front of the question mark. */
const READ =
  /^(?:host|port|dbname|user|password|options|connect_timeout|sslmode|ssl|sslrootcert|sslcert|sslkey|sslnegotiation)$/;
/** What makes no difference here. */
const WITHOUT_EFFECT =
  /^(?:(?:fallback_)?application_name|client_encoding|gssencmode|krbsrvname|gsslib|sslcompression|sslsni|keepalives(?:_\w+)?|tcp_user_timeout|uselibpqcompat|channel_binding=(?:disable|prefer)|target_session_attrs=any)(?:=|$)/;

/** Throws `InputError` (`credentials`), in whose words nothing of the URL is. */
export async function postgresAddress(url: DatabaseUrl, label: string): Promise<PostgresAddress> {
  const fault = (remedy: string) => new InputError("credentials", { file: label, remedy });
  for (const [name, value] of url.parameters) {
    if (READ.test(name) || WITHOUT_EFFECT.test(`${name}=${value}`)) continue;
    // Anything else may be a part of a password in which a mark is not encoded.
    const which =
      /^(?:channel_binding|hostaddr|passfile|require\w+|service|ssl\w+|target_session_attrs)$/.test(name)
        ? `The URL's parameter ${name}`
        : "A parameter of the URL";
    throw fault(`${which} is none that can be followed here: leave it out.`);
  }
  const given = (name: string) => url.parameters.get(name) || undefined;
  const port = Number(given("port") ?? url.port ?? process.env["PGPORT"] ?? PORT);
  const host = given("host") ?? url.host ?? process.env["PGHOST"] ?? defaultHost(port);
  if (host.includes(",")) throw fault("Name one host.");
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) throw fault("Its port is not one.");
  const seconds = Number(given("connect_timeout") ?? CONNECT_SECONDS);
  if (!(seconds >= 0)) throw fault("Its connect_timeout is not a number of seconds.");
  const user = given("user") ?? url.user;
  const database = given("dbname") ?? url.database;
  const options = given("options");
  const config: pg.ClientConfig = {
    host,
    port,
    ...(user !== undefined && { user }),
    ...(database !== undefined && { database }),
    ...(options !== undefined && { options }),
    password: given("password") ?? url.password ?? process.env["PGPASSWORD"] ?? passwordFrom(label),
    connectionTimeoutMillis: seconds * 1000,
    application_name: "halfroom",
    client_encoding: "UTF8",
  };
  // What goes through a socket stays on this machine.
  if (host.startsWith("/")) return { config, attempts: [false] };
  const negotiation = given("sslnegotiation") ?? process.env["PGSSLNEGOTIATION"];
  if (negotiation === "direct") config.sslnegotiation = "direct";
  return { config, attempts: await attemptsTo(given, fault) };
}

async function attemptsTo(
  given: (name: string) => string | undefined,
  fault: (remedy: string) => InputError,
): Promise<Attempt[]> {
  const authority = fileOf("root.crt", given("sslrootcert") ?? process.env["PGSSLROOTCERT"]);
  const roots = authority === "system";
  const named = given("sslmode") ?? (given("ssl") === "true" ? "require" : process.env["PGSSLMODE"]);
  const mode = (named ?? (roots ? "verify-full" : "prefer")) as TlsMode;
  if (!TLS_MODES.includes(mode)) throw fault(`Its sslmode is none of ${TLS_MODES.join(", ")}.`);
  if ((roots && mode !== "verify-full") || (mode === "verify-ca" && authority === undefined)) {
    const own = "or name the file with the authority's certificate, sslrootcert=/path/ca.pem";
    throw fault(
      `Of certificates by public authorities only the host's name says whose they are: write sslmode=verify-full, ${own}.`,
    );
  }
  return await attemptsOf(mode, {
    authority: roots ? undefined : authority,
    certificate: fileOf("postgresql.crt", given("sslcert") ?? process.env["PGSSLCERT"]),
    key: fileOf("postgresql.key", given("sslkey") ?? process.env["PGSSLKEY"]),
  });
}

/** The file, or the user's own of that name if there is one. */
function fileOf(name: string, given: string | undefined): string | undefined {
  if (given !== undefined && given !== "") return given;
  const own = join(homedir(), ".postgresql", name);
  return existsSync(own) ? own : undefined;
}

function defaultHost(port: number): string {
  const folder = SOCKET_FOLDERS.find((each) => existsSync(join(each, `.s.PGSQL.${port}`)));
  return folder ?? "localhost";
}

/** Asked only if the server wants a password. */
function passwordFrom(label: string): () => Promise<string> {
  return async function fromFile(this: void, connection?: { host?: string }): Promise<string> {
    // A file that others can read does not count, as libpq has it, and its path is nothing for the screen.
    pgPass.warnTo(undefined);
    const host = connection?.host?.startsWith("/") === true ? "localhost" : connection?.host;
    const password = await new Promise<string | undefined>((resolve) =>
      pgPass({ ...connection, host }, resolve),
    );
    if (password !== undefined) return password;
    throw new InputError("credentials", {
      file: label,
      remedy:
        "The server asks for a password: put it into the URL of urlVariable or urlFile, or into PGPASSFILE (mode 600).",
    });
  } as () => Promise<string>;
}

// URLs of databases: `scheme://user:password@host:port/database?parameter=value`, in which every part may be missing. What is written
// here as a URL others also read with rules of their own, as libpq does: a host may be empty, and a folder is one if its slashes are encoded.

export interface DatabaseUrl {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
  /** Of two with one name the last, as libpq takes it. */
  readonly parameters: ReadonlyMap<string, string>;
}

const URL_PARTS =
  /^([a-z]+):\/\/(?:([^:@/?]*)(?::([^/?]*))?@)?(\[[^\]]*\]|[^:/?]*)(?::(\d{0,5}))?(?:\/([^?]*))?(?:\?(.*))?$/s;

/** Undefined for a text that is no such URL. */
export function databaseUrl(text: string): DatabaseUrl | undefined {
  const [, scheme, user, password, host, port, database, query = ""] = URL_PARTS.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  return {
    scheme,
    user: decoded(user),
    password: decoded(password),
    host: decoded(host?.replace(/^\[(.*)\]$/, "$1")),
    port: port === undefined || port === "" ? undefined : Number(port),
    database: decoded(database),
    parameters: new Map(
      query
        .split("&")
        .filter((each) => each !== "")
        .map((each) => {
          const [name = "", ...value] = each.split("=");
          return [decoded(name) ?? "", decoded(value.join("=")) ?? ""] as const;
        }),
    ),
  };
}

/** A part without its percent-encoding, or as it is if it has none that is sound; undefined for an empty one. */
function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether a URL would put a password where others may read it, or cannot be told not to. */
export function holdsPassword(text: string): boolean {
  const url = databaseUrl(text);
  return url === undefined || url.password !== undefined || url.parameters.has("password");
}

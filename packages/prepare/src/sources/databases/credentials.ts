// Where a database is: a URL in the definition, in a variable of the environment, or in a file of its own.
import { readFile, stat } from "node:fs/promises";
import { InputError } from "../../errors.ts";
import { databaseUrl, type DatabaseUrl } from "./url.ts";

/** One of them, or none where the environment says everything. */
export interface UrlPlace {
  readonly url?: string | undefined;
  readonly urlVariable?: string | undefined;
  readonly urlFile?: string | undefined;
}

/** The URL, or an empty one if none is named. Throws `InputError` (`credentials`), in whose words nothing of the URL is. */
export async function urlAt(
  place: UrlPlace,
  schemes: readonly [string, ...string[]],
  label: string,
): Promise<DatabaseUrl> {
  const [scheme] = schemes;
  const text = await textAt(place, label);
  const url = databaseUrl(text ?? `${scheme}://`);
  if (url !== undefined && schemes.includes(url.scheme)) return url;
  throw new InputError("credentials", {
    file: label,
    remedy: `Write it as ${scheme}://USER:PASSWORD@HOST:PORT/DATABASE, with @, :, / and ? in names and passwords as %40, %3A, %2F and %3F.`,
  });
}

async function textAt({ url, urlVariable, urlFile }: UrlPlace, label: string): Promise<string | undefined> {
  if (urlVariable !== undefined) {
    const value = process.env[urlVariable];
    if (value !== undefined && value !== "") return value;
    throw new InputError("credentials", {
      file: label,
      remedy: `Set the environment variable ${urlVariable}.`,
    });
  }
  if (urlFile === undefined) return url;
  const problem = (remedy: string) => new InputError("credentials", { file: urlFile, remedy });
  try {
    if (((await stat(urlFile)).mode & 0o077) !== 0) throw problem("Others can read it: chmod 600.");
    return (await readFile(urlFile, "utf8")).trim();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw problem("Check its path and rights.");
  }
}

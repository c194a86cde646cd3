// The package as it is published, installed as users install it: with npm, into a fresh prefix, with a fresh home and an
// empty cache, and nothing from this process's environment except what reaches the registry.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NPM = join(dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js");
const SYSTEM_PATH = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"];
/** Variables that a machine may need to reach the registry. */
const OF_THE_NETWORK =
  /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|https?_proxy|no_proxy|npm_config_registry)$/i;

const execute = promisify(execFile);

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string>>;

/** A folder for everything that a test makes; `remove` deletes it. */
export function scratch(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-package-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Where `npm run release` puts what it makes. */
export const DIST = join(ROOT, "dist");

/** Makes a release; returns the path of its archive. */
export async function release(): Promise<string> {
  await execute("npm", ["run", "release"], { cwd: ROOT, maxBuffer: 1 << 24 });
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return join(DIST, `${name}-${version}.tgz`);
}

/** The same package without what was compiled before it was packed. */
export async function packWithoutPrebuilds(archivePath: string, into: string): Promise<string> {
  mkdirSync(into, { recursive: true });
  await execute("tar", ["--extract", "--file", archivePath, "--directory", into]);
  rmSync(join(into, "package/prebuilds"), { recursive: true });
  return await archive(join(into, "package"), into);
}

async function archive(folder: string, into: string): Promise<string> {
  mkdirSync(into, { recursive: true });
  const { stdout } = await execute("npm", ["pack", folder, "--json", "--pack-destination", into], {
    maxBuffer: 1 << 24,
  });
  const packed: unknown = JSON.parse(stdout);
  const [{ filename }] = Object.values(packed as object) as [{ filename: string }];
  return join(into, filename);
}

export interface InstallOptions {
  readonly flags?: readonly string[];
  /** Used as PATH instead of the system's folders. */
  readonly path?: readonly string[];
}

/** An installation of a packed package under `folder`. */
export class Installed {
  readonly folder: string;
  readonly #path: readonly string[];

  private constructor(folder: string, path: readonly string[]) {
    this.folder = folder;
    this.#path = path;
  }

  /** `npm install --global ARCHIVE`. Throws with npm's message if it fails. */
  static async open(archivePath: string, folder: string, options: InstallOptions = {}): Promise<Installed> {
    const { flags = [], path = SYSTEM_PATH } = options;
    for (const name of ["home", "prefix", "work"]) mkdirSync(join(folder, name), { recursive: true });
    const installed = new Installed(folder, path);
    await installed.#npm("install", ["--no-audit", "--no-fund", ...flags, archivePath]);
    return installed;
  }

  /** Its install scripts again, as an installation runs them, on a machine that has all of the system's programs. */
  async rebuild(flags: readonly string[]): Promise<void> {
    await new Installed(this.folder, SYSTEM_PATH).#npm("rebuild", [...flags, "halfroom"]);
  }

  async #npm(verb: string, args: readonly string[]): Promise<void> {
    const global = [verb, "--global", "--prefix", join(this.folder, "prefix")];
    const { exitCode, stderr } = await this.#run(process.execPath, [NPM, ...global, ...args]);
    if (exitCode !== 0) throw new Error(`npm ${verb} ended with ${exitCode}: ${stderr}`);
  }

  /** The package's own folder. */
  get root(): string {
    return join(this.folder, "prefix/lib/node_modules/halfroom");
  }

  /** The command by its name, as a shell finds it. */
  halfroom(args: readonly string[], environment?: Environment): Promise<Run> {
    return this.#run("halfroom", args, environment);
  }

  /** Runs the command where only the home and the current folder are writable: not the installation, no temporary folder. */
  async halfroomReadOnly(args: readonly string[]): Promise<Run> {
    const environment = { TMPDIR: join(this.folder, "no-such-folder") };
    const prefix = join(this.folder, "prefix");
    if (process.getuid?.() !== 0) {
      await execute("chmod", ["--recursive", "a-w", prefix]);
      return await this.halfroom(args, environment);
    }
    // Permissions do not stop root; a read-only mount does, in a namespace of its own.
    const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec halfroom "$@"';
    return await this.#run("unshare", ["--mount", "bash", "-c", script, prefix, ...args], environment);
  }

  /** Runs the command under another version of Node. */
  halfroomOn(node: readonly string[], args: readonly string[], environment?: Environment): Promise<Run> {
    const [program = "", ...before] = node;
    return this.#run(program, [...before, join(this.root, "bin/halfroom.js"), ...args], environment);
  }

  async #run(program: string, args: readonly string[], environment: Environment = {}): Promise<Run> {
    const path = [join(this.folder, "prefix/bin"), ...this.#path].join(delimiter);
    const network = Object.entries(process.env).filter(([name]) => OF_THE_NETWORK.test(name));
    const env = {
      ...Object.fromEntries(network),
      PATH: path,
      HOME: join(this.folder, "home"),
      ...environment,
    };
    const cwd = join(this.folder, "work");
    return await execute(program, args, { cwd, env, maxBuffer: 1 << 24 }).then(
      (streams) => ({ exitCode: 0, ...streams }),
      (error: { code?: number; stdout?: string; stderr?: string }) => {
        if (typeof error.code !== "number") throw error;
        return { exitCode: error.code, stdout: error.stdout ?? "", stderr: error.stderr ?? "" };
      },
    );
  }
}

/** A folder for PATH with only Node and a shell, and thus no compiler. */
export function programsWithoutCompiler(folder: string): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(process.execPath, join(folder, "node"));
  for (const name of ["sh", "env"]) symlinkSync(join("/usr/bin", name), join(folder, name));
  return folder;
}

/** The binary of another version of Node, from the registry. */
export async function nodeBinary(version: string, folder: string, arch = process.arch): Promise<string> {
  const name = `node-linux-${arch}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  await execute(
    process.execPath,
    [NPM, "install", "--force", "--no-audit", "--no-fund", `${name}@${version}`],
    {
      cwd: folder,
    },
  );
  return join(folder, "node_modules", name, "bin/node");
}

/** A folder with one of the examples, which uses the packages of an installation. */
export function exampleProject(installed: Installed, folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, "examples"), folder, { recursive: true });
  symlinkSync(join(installed.folder, "prefix/lib/node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}

export const TYPE_ROOTS = join(ROOT, "node_modules/@types");
export const TYPESCRIPT = join(ROOT, "node_modules/.bin/tsc");

// Images and containers of a test: Podman with a store of its own, on systems with and without systemd. Needs Debian's packages podman,
// podman-compose, runc, netavark, aardvark-dns, iptables and mmdebstrap, and root.
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../docs/typing.ts";

const execute = promisify(execFile);
const PROGRAMS = ["podman", "podman-compose", "mmdebstrap", "runc"];
const NETWORK_PLUGIN = "/usr/lib/podman/netavark";
/** Of the account that builds in a container. */
const HOME_INSIDE = "/root";
/** What the queue and the build need of Debian beside Node.js. */
const PACKAGES = ["ca-certificates", "libstdc++6", "redis-server"];

const BUILD_IMAGE = "localhost/halfroom-build";
export const IMAGE = "localhost/halfroom";

export interface Printed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Containers {
  readonly folder = mkdtempSync(join(tmpdir(), "halfroom-containers-"));
  readonly #env: NodeJS.ProcessEnv;

  /** Throws if a program is missing, with the packages to install. */
  constructor() {
    const missing = PROGRAMS.filter(
      (name) => !existsSync(`/usr/bin/${name}`) && !existsSync(`/usr/sbin/${name}`),
    );
    if (missing.length > 0 || !existsSync(NETWORK_PLUGIN))
      throw new Error(`Install Debian's ${PROGRAMS.join(", ")}, netavark, aardvark-dns and iptables first.`);
    // What needs more than a container of this machine may have is left at what it has.
    const settings = [
      "[containers]",
      'default_ulimits = ["nofile=4096:4096", "nproc=8192:8192"]',
      "[engine]",
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
    ];
    const file = join(this.folder, "containers.conf");
    writeFileSync(file, settings.join("\n"));
    const storage = join(this.folder, "storage.conf");
    const [root, run] = [join(this.folder, "root"), join(this.folder, "run")];
    writeFileSync(storage, `[storage]\ndriver = "overlay"\ngraphroot = "${root}"\nrunroot = "${run}"\n`);
    this.#env = { ...process.env, CONTAINERS_CONF: file, CONTAINERS_STORAGE_CONF: storage };
  }

  async run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Printed> {
    const options = { cwd: ROOT, env: { ...this.#env, ...env }, maxBuffer: 1 << 24 };
    try {
      return { exitCode: 0, ...(await execute(program, args, options)) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { exitCode: code, stdout, stderr };
    }
  }

  /** Podman must succeed; what it prints. */
  async podman(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run("podman", args);
    if (exitCode !== 0) throw new Error(`podman ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** An image of Debian with this Node.js and npm in /usr/local, as the images that Node's own project offers have them. */
  async makeBuildImage(): Promise<void> {
    const context = join(this.folder, "debian");
    const local = join(context, "local");
    mkdirSync(join(local, "bin"), { recursive: true });
    cpSync(process.execPath, join(local, "bin/node"));
    const modules = join(dirname(process.execPath), "../lib/node_modules/npm");
    cpSync(modules, join(local, "lib/node_modules/npm"), { recursive: true });
    await execute("ln", ["-s", "../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm")]);
    const tar = join(context, "debian.tar");
    await execute("mmdebstrap", ["--variant=minbase", `--include=${PACKAGES.join(",")}`, "bookworm", tar], {
      maxBuffer: 1 << 24,
    });
    writeFileSync(
      join(context, "Containerfile"),
      "FROM scratch\nADD debian.tar /\nCOPY local/ /usr/local/\n",
    );
    await this.podman("build", "--quiet", "--tag", BUILD_IMAGE, context);
    rmSync(tar);
  }

  /** The image of deploy/container, from the archive in `dist`. What reaches the registry here reaches it there. */
  async makeImage(): Promise<void> {
    const npmrc = join(this.folder, "npmrc");
    const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
    const authorities = process.env["NODE_EXTRA_CA_CERTS"];
    const inside = "/run/authorities.pem";
    writeFileSync(npmrc, `registry=${registry}\n${authorities === undefined ? "" : `cafile=${inside}\n`}`);
    const mounts = [
      `${npmrc}:${HOME_INSIDE}/.npmrc:ro`,
      ...(authorities === undefined ? [] : [`${authorities}:${inside}:ro`]),
    ];
    await this.podman(
      "build",
      "--format",
      "docker",
      "--network",
      "host",
      "--tag",
      IMAGE,
      ...mounts.flatMap((mount) => ["--volume", mount]),
      "--build-arg",
      `BUILD_IMAGE=${BUILD_IMAGE}`,
      "--file",
      "deploy/container/Containerfile",
      ".",
    );
  }

  async close(): Promise<void> {
    await this.run("podman", ["rm", "--all", "--force", "--time", "1"]);
    await this.run("podman", ["network", "prune", "--force"]);
    // Podman binds its store to itself.
    await this.run("umount", ["--recursive", join(this.folder, "root/overlay")]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A company by the compose files: its containers are called NAME_node_1 and so on. */
export class Company {
  readonly name: string;
  readonly data: string;
  readonly #containers: Containers;
  readonly #files: readonly string[];
  readonly #env: NodeJS.ProcessEnv;

  constructor(containers: Containers, name: string, files: readonly string[], env: NodeJS.ProcessEnv) {
    this.#containers = containers;
    this.name = name;
    this.data = join(containers.folder, `${name}-data`);
    mkdirSync(this.data);
    this.#files = files.map((file) => join(ROOT, "deploy/container", file));
    this.#env = { HALFROOM_IMAGE: IMAGE, QUEUE_IMAGE: BUILD_IMAGE, HALFROOM_DATA: this.data, ...env };
  }

  /** podman-compose must succeed. */
  async compose(...args: string[]): Promise<string> {
    const files = this.#files.flatMap((file) => ["--file", file]);
    const all = ["--project-name", this.name, ...files, ...args];
    const { exitCode, stdout, stderr } = await this.#containers.run("podman-compose", all, this.#env);
    if (exitCode !== 0) throw new Error(`compose ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** A command in the container of a service that runs, as its operator types it; it must succeed. */
  async halfroom(...args: string[]): Promise<string> {
    return await this.#containers.podman("exec", this.container("node"), "halfroom", ...args);
  }

  container(service: string): string {
    return `${this.name}_${service}_1`;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.data, name), text);
  }
}

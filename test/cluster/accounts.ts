// Accounts of this machine, for what a company's machines must not share: only root can start processes as others.
import { execFileSync, spawnSync } from "node:child_process";

export interface Account {
  readonly user: number;
  /** Its own group, and those that it is in besides. */
  readonly groups: readonly [own: number, ...others: number[]];
}

/** Of no user of a usual machine. */
const SHARE_GROUP = 61_900;
export const LEADER: Account = { user: 61_901, groups: [61_901, SHARE_GROUP] };
export const WORKER: Account = { user: 61_902, groups: [61_902, SHARE_GROUP] };

/** The command line that runs another one as an account, with files of its own for itself alone. */
export function commandAs({ user, groups: [own, ...others] }: Account, command: readonly string[]): string[] {
  const groups = others.length === 0 ? ["--clear-groups"] : ["--groups", others.join(",")];
  const ids = [`--reuid=${user}`, `--regid=${own}`, ...groups, "--inh-caps=-all", "--no-new-privs"];
  return ["setpriv", ...ids, "sh", "-c", 'umask 077; exec "$@"', "sh", ...command];
}

/** Whether a command of the account succeeds. */
export function can(account: Account, ...command: string[]): boolean {
  const [program, ...args] = commandAs(account, command);
  return spawnSync(program!, args, { stdio: "ignore" }).status === 0;
}

/** Whether this process may start others as other accounts, as root may who is not confined. */
export function mayBeOthers(): boolean {
  return process.getuid?.() === 0 && can(LEADER, "true");
}

/** Gives a path with all below it to an account. */
export function give({ user, groups: [own] }: Account, ...paths: string[]): void {
  execFileSync("chown", ["-R", `${user}:${own}`, ...paths]);
}

/** Gives a folder to the group that leader and workers are in, as docs/deploy.md says. */
export function giveToGroup(path: string): void {
  execFileSync("chown", ["-R", `:${SHARE_GROUP}`, path]);
  execFileSync("chmod", ["2770", path]);
}

// Variables of the environment that begin with HALFROOM_: one for each setting, and a few others. Any other is a mistake, since whoever
// sets it believes that it holds.
import { OperatorError } from "../errors.ts";

const PREFIX = "HALFROOM_";

/** The variable that stands over a setting. */
export function variableOf(setting: string): string {
  return `${PREFIX}${setting.toUpperCase()}`;
}

/** The variable that names a file which holds a setting: for what no list of processes may show. */
export function fileVariableOf(setting: string): string {
  return `${variableOf(setting)}_FILE`;
}

/** Variables that are no settings of a node. */
export const OTHER_VARIABLES = [
  "HALFROOM_HOME",
  "HALFROOM_DEBUG",
  "HALFROOM_KERNEL",
  "HALFROOM_NATIVE",
] as const;

/** Of a checkout: for its tests, benchmarks and releases. */
const OF_CHECKOUTS = /^HALFROOM_(?:TEST_\w+|BENCH_POSTGRES|RELEASE)$/;

/** Kubernetes gives these to every container beside a service whose name begins with `halfroom`. */
const OF_KUBERNETES =
  /^HALFROOM_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;

/**
 * Refuses a variable that nothing reads. `settings`: names of settings; `named`: variables that the node's datasets name. Errors:
 * `settings`, with the nearest variable that there is.
 */
export function assertVariables(
  env: NodeJS.ProcessEnv,
  settings: readonly string[],
  named: ReadonlySet<string>,
): void {
  const known = [...settings.flatMap((name) => [variableOf(name), fileVariableOf(name)]), ...OTHER_VARIABLES];
  const unknown = Object.keys(env).filter((name) => {
    if (!name.startsWith(PREFIX) || known.includes(name) || named.has(name)) return false;
    return !OF_CHECKOUTS.test(name) && !OF_KUBERNETES.test(name);
  });
  if (unknown.length === 0) return;
  const words = unknown
    .sort()
    .map((name) => `${name}: no variable has this name; the nearest is ${nearest(name, known)}.`);
  throw new OperatorError("settings", words.join("\n"));
}

function nearest(name: string, known: readonly string[]): string {
  const ranked = known.map((each) => [editsBetween(name, each), each] as const);
  return ranked.reduce((best, each) => (each[0] < best[0] ? each : best))[1];
}

/** Letters to insert, remove or replace: the edit distance of Levenshtein, row by row. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

// The workspaces in a release, and their dependencies from the registry.
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { PACKAGES } from "./places.js";

const SCOPE = "@halfroom/";
/** What is published: the command, and the library under it. */
const FACES = ["cli", "node"];

/** The faces and all workspaces below them, by their folder's name, with their package.json. */
export function releasedWorkspaces() {
  const found = new Map();
  const add = (name) => {
    if (found.has(name)) return;
    const manifest = JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8"));
    found.set(name, manifest);
    const own = Object.keys(manifest.dependencies ?? {}).filter((other) => other.startsWith(SCOPE));
    own.forEach((other) => add(other.slice(SCOPE.length)));
  };
  FACES.forEach(add);
  return found;
}

/** The registry package that a specifier belongs to, undefined for a module of Node. Throws if no workspace depends on it. */
export function packageOf(specifier) {
  if (isBuiltin(specifier)) return undefined;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const workspaces = releasedWorkspaces();
  const kinds = ["dependencies", "optionalDependencies"];
  if (kinds.some((kind) => name in dependenciesOf(workspaces, kind))) return name;
  throw new Error(`${name} is used, and no workspace depends on it`);
}

/** `dependencies` or `optionalDependencies` of all released workspaces together, without the workspaces themselves. */
export function dependenciesOf(workspaces, kind) {
  const all = new Map();
  for (const manifest of workspaces.values()) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      if (name.startsWith(SCOPE)) continue;
      if ((all.get(name) ?? version) !== version) throw new Error(`${name} is wanted in two versions`);
      all.set(name, version);
    }
  }
  return Object.fromEntries([...all].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

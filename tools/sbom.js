// What is in a release, as a CycloneDX 1.6 bill of materials (ECMA-424): the packages from the registry that an installation brings, in the
// versions that the lockfile names and every test ran with. No time and no random number, so that the same commit gives the same bytes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./places.js";
import { dependenciesOf, releasedWorkspaces } from "./workspaces.js";

const KINDS = ["dependencies", "optionalDependencies"];
/** npm installs those too, unless they are optional. */
const PEERS = "peerDependencies";

/** The bill of materials of the package that is published, as an object. Throws if the lockfile lacks one of its packages. */
export function billOfMaterials() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const { name, version, license } = packages[""];
  const root = purlOf(name, version);
  const found = new Map();
  const top = releasedPackages(packages);
  const waiting = [...top];
  for (const path of waiting) {
    if (found.has(path)) continue;
    const needs = [...KINDS, PEERS].flatMap((kind) =>
      namesIn(packages[path], kind).map((need) => [need, kind]),
    );
    const paths = needs.flatMap(([need, kind]) => resolved(packages, path, need, kind) ?? []);
    found.set(path, paths);
    waiting.push(...paths);
  }
  const refs = new Map([...found.keys()].map((path) => [path, purlOf(nameAt(path), packages[path].version)]));
  const components = new Map(
    [...refs].map(([path, ref]) => [ref, componentOf(ref, nameAt(path), packages[path])]),
  );
  const needed = new Map([[root, refsOf(top, refs)]]);
  for (const [path, paths] of found)
    needed.set(refs.get(path), [...(needed.get(refs.get(path)) ?? []), ...refsOf(paths, refs)]);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: componentOf(root, name, { version, license }, "application") },
    components: sorted([...components.values()], (component) => component["bom-ref"]),
    dependencies: sorted(
      [...needed].map(([ref, on]) => ({ ref, dependsOn: sorted([...new Set(on)], (other) => other) })),
      ({ ref }) => ref,
    ),
  };
}

function namesIn(manifest, kind) {
  const { peerDependenciesMeta: meta = {} } = manifest;
  const names = Object.keys(manifest[kind] ?? {});
  return kind === PEERS ? names.filter((name) => !meta[name]?.optional) : names;
}

/** Where the lockfile has what the released workspaces depend on. */
function releasedPackages(packages) {
  const workspaces = releasedWorkspaces();
  return KINDS.flatMap((kind) =>
    [...workspaces].flatMap(([folder, manifest]) =>
      Object.keys(dependenciesOf(new Map([[folder, manifest]]), kind)).flatMap(
        (name) => resolved(packages, `packages/${folder}`, name, kind) ?? [],
      ),
    ),
  );
}

/** The place of what `from` gets as `name`: the nearest node_modules above it; undefined where an optional one is of no use here. */
function resolved(packages, from, name, kind) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const path = [folder, "node_modules", name].filter((part) => part !== "").join("/");
    if (packages[path] !== undefined) return path;
    if (folder !== "") continue;
    if (kind === "optionalDependencies") return undefined;
    throw new Error(`the lockfile lacks ${name}, which ${from} needs`);
  }
}

const nameAt = (path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
const purlOf = (name, version) => `pkg:npm/${name.replace("@", "%40")}@${version}`;
const refsOf = (paths, refs) => paths.map((path) => refs.get(path));
const sorted = (list, keyOf) => list.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));

function componentOf(ref, name, { version, license, integrity, optional }, type = "library") {
  const hash = /^sha512-(.+)$/.exec(integrity ?? "")?.[1];
  return {
    type,
    "bom-ref": ref,
    name,
    version,
    ...(type === "library" && { scope: optional ? "optional" : "required" }),
    ...(hash && { hashes: [{ alg: "SHA-512", content: Buffer.from(hash, "base64").toString("hex") }] }),
    ...(license && { licenses: [{ expression: license }] }),
    purl: ref,
  };
}

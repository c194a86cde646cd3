// The manifests of deploy/kubernetes: what the types of Kubernetes' API say of each, what kustomizations name, and what the pods may do.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { settingsSchema } from "../../packages/node/src/config/schema.ts";
import { fileVariableOf, OTHER_VARIABLES, variableOf } from "../../packages/node/src/config/variables.ts";
import { readCommandLine } from "../docs/command-line.ts";
import { ROOT } from "../docs/typing.ts";

const FOLDER = join(ROOT, "deploy/kubernetes");
const TSC = join(ROOT, "node_modules/.bin/tsc");
const KUSTOMIZATION = "kustomization.yaml";
const SETS = readdirSync(FOLDER);

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name: string }[];
  readonly securityContext?: object;
}

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template?: {
      readonly spec: {
        readonly securityContext?: object;
        readonly initContainers?: readonly Container[];
        readonly containers: readonly Container[];
      };
    };
  };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
  readonly configMapGenerator?: readonly { readonly literals: readonly string[] }[];
}

const documentsOf = (path: string) =>
  parseAllDocuments(readFileSync(path, "utf8")).map((document) => document.toJS() as unknown);
const kustomizationOf = (set: string) => documentsOf(join(FOLDER, set, KUSTOMIZATION))[0] as Kustomization;
const resourcesOf = (set: string, file: string) => documentsOf(join(FOLDER, set, file)) as Resource[];
/** A patch holds a part of a resource. */
const patchesOf = (set: string) => (kustomizationOf(set).patches ?? []).map(({ path }) => path);
const filesOf = (set: string) => kustomizationOf(set).resources.filter((name) => name.endsWith(".yaml"));
const ALL = SETS.flatMap((set) => filesOf(set).flatMap((file) => resourcesOf(set, file)));
const PATCHES = SETS.flatMap((set) => patchesOf(set).flatMap((file) => resourcesOf(set, file)));

test("a kustomization names each file beside it, and what it names is there", () => {
  for (const set of SETS) {
    const beside = readdirSync(join(FOLDER, set)).filter((name) => name !== KUSTOMIZATION);
    expect([...filesOf(set), ...patchesOf(set)].toSorted(), set).toEqual(beside.toSorted());
    for (const name of kustomizationOf(set).resources.filter((each) => !each.endsWith(".yaml")))
      expect(SETS, `${set}: ${name}`).toContain(name.replace("../", ""));
  }
  for (const { kind, metadata } of PATCHES)
    expect(
      ALL.some((each) => each.kind === kind && each.metadata.name === metadata.name),
      metadata.name,
    ).toBe(true);
});

test("each resource is one by the types of Kubernetes' API, without a field that they have not", () => {
  const wrong = structuredClone(ALL.find(({ kind }) => kind === "StatefulSet")!);
  Object.assign(wrong.spec, { replica: 1 });
  const lines = [...ALL, wrong].map((resource, i) => {
    const [version, group = "core"] = resource.apiVersion.split("/").toReversed();
    const module = `kubernetes-types/${group.replace(/\.k8s\.io$/, "")}/${version}`;
    return `export const resource${i}: import("${module}").${resource.kind} = ${JSON.stringify(resource)};`;
  });
  // Beside the package of the types, which is where an import is looked for.
  const types = dirname(createRequire(import.meta.url).resolve("kubernetes-types/package.json"));
  const folder = mkdtempSync(join(types, "../.halfroom-manifests-"));
  try {
    writeFileSync(join(folder, "manifests.ts"), lines.join("\n"));
    const flags = ["--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "--types", ""];
    const { stdout } = spawnSync(TSC, [...flags, "manifests.ts"], { cwd: folder, encoding: "utf8" });
    // The last one is wrong, which shows that it is looked for.
    const found = stdout.split("\n").filter((line) => line.includes("error"));
    expect(found).toEqual([
      expect.stringMatching(new RegExp(`^manifests\\.ts\\(${lines.length},.*"replica"`)),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no pod has more rights than it needs, and each calls a command and sets settings that there are", async () => {
  const commands = await readCommandLine();
  const settings = Object.keys(settingsSchema.shape);
  const variables = new Set<string>([
    ...settings.flatMap((name) => [variableOf(name), fileVariableOf(name)]),
    ...OTHER_VARIABLES,
  ]);
  const pods = ALL.flatMap(({ spec, metadata }) =>
    spec?.template ? [{ ...spec.template.spec, ...metadata }] : [],
  );
  expect(pods.map(({ name }) => name).toSorted()).toEqual([
    "halfroom",
    "halfroom-gateway",
    "halfroom-queue",
    "halfroom-worker",
  ]);
  for (const { name, securityContext, initContainers = [], containers } of pods) {
    expect(securityContext, name).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    for (const container of [...initContainers, ...containers])
      expect(container.securityContext, container.name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  }
  const patched = PATCHES.flatMap(({ spec }) => spec.template?.spec.containers ?? []);
  const ours = pods
    .flatMap(({ initContainers = [], containers }) => [...initContainers, ...containers])
    .filter(({ image }) => image === "halfroom");
  for (const { args } of ours) {
    const words = args.slice(0, args.findIndex((word) => !/^[a-z]+$/.test(word)) >>> 0).join(" ");
    expect(commands.has(words), words).toBe(true);
    for (const flag of args.filter((word) => word.startsWith("--")))
      expect(commands.get(words), `${words} ${flag}`).toContain(flag);
  }
  const set = [
    ...[...ours, ...patched].flatMap(({ env = [] }) => env.map(({ name }) => name)),
    ...SETS.flatMap((name) => kustomizationOf(name).configMapGenerator ?? [])
      .flatMap(({ literals }) => literals)
      .map((literal) => literal.slice(0, literal.indexOf("="))),
  ].filter((name) => name !== "POD_NAME" && name !== "POD_IP");
  expect(set.length).toBeGreaterThan(10);
  for (const name of set) expect(variables, name).toContain(name);
});

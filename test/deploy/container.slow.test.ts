// The image, and two companies in containers of it: no image from elsewhere, Debian's and the registry's packages alone.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cellsOf, EXPECTED, peopleFiles, requestOf } from "../e2e/nodes/pair.ts";
import { release } from "../package/install.ts";
import { Company, Containers, IMAGE } from "./containers.ts";

/** For whatever a mirror of Debian's and the registry take. */
const HALF_AN_HOUR_MS = 1_800_000;

let containers: Containers;
let advertiser: Company;
let publisher: Company;

beforeAll(async () => {
  containers = new Containers();
  await Promise.all([release(), containers.makeBuildImage()]);
  await containers.makeImage();
}, HALF_AN_HOUR_MS);

afterAll(async () => await containers.close());

test("the image has Node.js, the package and their libraries, and nothing to log in with", async () => {
  const version = await containers.podman(
    "run",
    "--rm",
    "--read-only",
    "--network",
    "none",
    IMAGE,
    "--version",
  );
  expect(version).toMatch(/^kernel native/m);
  const id = (await containers.podman("create", IMAGE)).trim();
  const mounted = (await containers.podman("mount", id)).trim();
  for (const program of ["bin/sh", "usr/bin/sh", "usr/bin/npm", "usr/bin/apt", "bin/busybox"])
    expect(existsSync(join(mounted, program)), program).toBe(false);
  const user = await containers.podman("inspect", "--format", "{{.Config.User}}", id);
  expect(user.trim()).toBe("65532:65532");
  await containers.podman("rm", id);
});

test("two companies by the compose files, one of them with a worker, get the plain join", async () => {
  const port = 20_000 + (process.pid % 10_000);
  const secrets = join(containers.folder, "secrets");
  await containers.run("install", ["--directory", secrets]);
  writeFileSync(join(secrets, "redis"), "redis://:letmein@queue:6379\n");
  writeFileSync(
    join(secrets, "queue.conf"),
    "bind 0.0.0.0\nrequirepass letmein\nappendonly yes\nmaxmemory-policy noeviction\ndir /data\n",
  );
  const address = `host.containers.internal:${port}`;
  advertiser = new Company(containers, "advertiser", ["compose.yaml"], { HALFROOM_PORT: String(port + 1) });
  publisher = new Company(containers, "publisher", ["compose.yaml", "compose.workers.yaml"], {
    HALFROOM_PORT: String(port),
    HALFROOM_ADDRESS: address,
    HALFROOM_SECRETS: secrets,
  });
  const companies = [advertiser, publisher];
  const files = peopleFiles();
  advertiser.write("purchases.csv", files.purchases);
  publisher.write("exposures.csv", files.exposures);

  await advertiser.compose("run", "--rm", "node", "init");
  await publisher.compose("run", "--rm", "--no-deps", "node", "init");
  const asked = await publisher.compose(
    "run",
    "--rm",
    "--no-deps",
    "worker",
    "worker",
    "enrol",
    "--name",
    "one",
  );
  const [worker] = /halfroomw1_[\w-]+/.exec(asked) ?? [];
  await publisher.compose("up", "--detach");
  await advertiser.compose("up", "--detach");
  for (const { name } of companies) await healthy(`${name}_node_1`);
  await publisher.halfroom("cluster", "add", worker!, "--name", "one");
  const match = ["--match", "email=email"];
  await publisher.halfroom(
    "dataset",
    "add",
    "exposures",
    "--file",
    "/data/exposures.csv",
    ...match,
    "--dimension",
    "campaign",
    "--dimension",
    "age_band",
  );
  await advertiser.halfroom(
    "dataset",
    "add",
    "purchases",
    "--file",
    "/data/purchases.csv",
    ...match,
    "--measure",
    "revenue",
  );
  const token = (await publisher.halfroom("invite", "--name", "advertiser")).trim();
  await advertiser.halfroom("join", token, "--name", "publisher");
  const policy = { people: 20, exact: 5, threshold: 11, approval: "automatic" };
  publisher.write(
    "policy.yaml",
    JSON.stringify({ ...policy, partner: "advertiser", dataset: "exposures", group_by: ["campaign"] }),
  );
  advertiser.write(
    "policy.yaml",
    JSON.stringify({ ...policy, partner: "publisher", dataset: "purchases", sum: ["revenue"] }),
  );
  for (const company of companies) await company.halfroom("policy", "add", "/data/policy.yaml");
  advertiser.write("roi.yaml", requestOf("advertiser"));
  expect(cellsOf(await advertiser.halfroom("run", "/data/roi.yaml", "--json"))).toEqual(EXPECTED);
  expect(await publisher.halfroom("cluster")).toMatch(/\bone\b/);
  // It ends with 2 if something needs the operator.
  for (const company of companies) expect(await company.halfroom("doctor")).toMatch(/^ok +folder:/m);

  for (const company of companies) await company.compose("stop", "--timeout", "2100");
  // Whichever stops first: a node without its queue, and a worker without it, end as well.
  for (const name of [
    ...companies.map((company) => company.container("node")),
    publisher.container("worker"),
  ]) {
    const code = await containers.podman("inspect", "--format", "{{.State.ExitCode}}", name);
    const { stdout, stderr } = await containers.run("podman", ["logs", name]);
    expect(code.trim(), `${name}: ${stdout}${stderr}`).toBe("0");
  }
});

/** Asks the image's own health check until it passes. */
async function healthy(container: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { exitCode, stderr } = await containers.run("podman", ["healthcheck", "run", container]);
    if (exitCode === 0) return;
    if (tries === 60) throw new Error(`${container} is not healthy: ${stderr}`);
    await wait(1000);
  }
}

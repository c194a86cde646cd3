// Settings: file, environment, faults with line and remedy, and edits that keep comments.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { addDataset, addPolicies, writeFirstConfig } from "../src/config/edit.ts";
import { loadSettings } from "../src/config/load.ts";
import { settingsSchema, type Settings } from "../src/config/schema.ts";
import { createFolder, type NodeFolder } from "../src/store/folder.ts";
import { emptyFolder } from "./home.ts";

let folder: NodeFolder;
beforeEach(async () => {
  folder = emptyFolder();
  await createFolder(folder);
  writeFirstConfig(folder);
});
const write = (text: string) => writeFileSync(folder.configFile, text);
const SUBJECTS = { partners: ["a", "b"], datasets: { d: { dimensions: [], measures: [] } } };
const DATASET = { source: { csv: "/data/people.csv" }, match: { email: { columns: "mail" } } };

test("what init writes is sound, and an empty file is all defaults", async () => {
  const first = await loadSettings(folder, {});
  write("");
  expect(await loadSettings(folder, {})).toEqual(first);
  expect(first).toMatchObject({ listen: "127.0.0.1:7443", approval_hours: 12, datasets: {}, policies: [] });
});

/** For each setting a text of the environment, and what a file says that it stands over. */
const OVERRIDES: Record<keyof Settings, readonly [text: string, value: unknown, inFile: unknown]> = {
  listen: ["0.0.0.0:2", "0.0.0.0:2", "127.0.0.1:1"],
  address: ["node.example.com:443", "node.example.com:443", "127.0.0.1:1"],
  proxy: ["http://me:p@proxy.example:3128", "http://me:p@proxy.example:3128", "none"],
  admin: ["[::1]:9", "[::1]:9", "127.0.0.1:1"],
  admin_hosts: ["[node.internal, probe]", ["node.internal", "probe"], []],
  leader_computes: ["false", false, true],
  workers_listen: ["0.0.0.0:4", "0.0.0.0:4", "127.0.0.1:1"],
  shard_streams: ["own", "own", "session"],
  workers_dial: ["leader", "leader", "partner"],
  workers_address: ["leader:4", "leader:4", ""],
  console: ["[::1]:9", "[::1]:9", "127.0.0.1:1"],
  console_hosts: ["[node.internal, proxy]", ["node.internal", "proxy"], []],
  console_url: ["https://node.example.com", "https://node.example.com", ""],
  console_certificate: ["/etc/tls/own.pem", "/etc/tls/own.pem", "tls.pem"],
  company: ["Example Stores", "Example Stores", "Other"],
  console_key: ["/etc/tls/own.key", "/etc/tls/own.key", "tls.key"],
  gateways: ["[10.0.0.0/8, 192.0.2.7]", ["10.0.0.0/8", "192.0.2.7"], ["fd00::/8"]],
  openid_issuer: ["https://login.example.com/realm", "https://login.example.com/realm", ""],
  openid_client_id: ["halfroom", "halfroom", "other"],
  openid_client_secret: ["/run/secret", "/run/secret", "secret"],
  openid_scope: ["openid groups", "openid groups", "openid"],
  openid_name: ["email", "email", "sub"],
  openid_role: ["realm_access.roles", "realm_access.roles", "groups"],
  openid_roles: ["{privacy: approver}", { privacy: "approver" }, { staff: "viewer" }],
  openid_label: ["Example login", "Example login", "Login"],
  strangers_max: ["9", 9, 3],
  address_strangers_max: ["9", 9, 3],
  handshake_seconds: ["9", 9, 3],
  handshakes_per_second: ["9", 9, 3],
  address_handshakes_per_second: ["9", 9, 3],
  connections_max: ["9", 9, 3],
  partner_connections_max: ["9", 9, 3],
  partner_connections_per_second: ["0.5", 0.5, 3],
  log_level: ["debug", "debug", "error"],
  scratch: ["/var/scratch", "/var/scratch", "elsewhere"],
  records_mib: ["1024", 1024, 3],
  sessions_max: ["7", 7, 3],
  queue_max: ["0", 0, 3],
  queue_partner_max: ["9", 9, 3],
  turn_seconds: ["9", 9, 3],
  completions_per_hour: ["9", 9, 3],
  redis: ["redis://queue:6379/2", "redis://queue:6379/2", "redis://elsewhere:6379"],
  otlp: ["http://collector:4318", "http://collector:4318", ""],
  share: ["/mnt/halfroom", "/mnt/halfroom", "/mnt/other"],
  completions_per_day: ["9", 9, 3],
  busy_seconds: ["9", 9, 3],
  drain_seconds: ["9", 9, 3],
  dropped_percent_max: ["7.5", 7.5, 3],
  clipped_percent_max: ["0", 0, 3],
  threads: ["2", 2, 3],
  idle_seconds: ["1.5", 1.5, 3],
  resume_seconds: ["0", 0, 3],
  stage_seconds: ["60", 60, 3],
  connect_seconds: ["9", 9, 3],
  approval_hours: ["0.5", 0.5, 3],
  clock_seconds: ["30", 30, 60],
  rotate_days: ["365", 365, 0],
  refused_days: ["9", 9, 3],
  ask_seconds: ["0.2", 0.2, 3],
  recovery_key: ["ab".repeat(32), "ab".repeat(32), ""],
  webhooks: [
    "{ops: {url: 'https://hooks.example.com/a?b', secret: ops.secret, events: [budget.low]}}",
    { ops: { url: "https://hooks.example.com/a?b", secret: "ops.secret", plain: false } },
    {},
  ],
  mail_server: ["smtps://mail.example.com:465", "smtps://mail.example.com:465", ""],
  mail_user: ["halfroom", "halfroom", "other"],
  mail_password: ["/run/secret", "/run/secret", "secret"],
  mail_from: ["halfroom@example.com", "halfroom@example.com", "other@example.com"],
  mail_to: ["{}", {}, {}],
  sinks: [
    "{lake: {s3: 's3://results/halfroom', send: asked}}",
    { lake: { s3: "s3://results/halfroom", send: "asked" } },
    {},
  ],
  events_days: ["9", 9, 3],
  datasets: [
    "{d: {source: {csv: x.csv}, match: {email: {columns: mail}}}}",
    { d: { population: "people", measures: [] } },
    {},
  ],
  policies: ["[{partner: p, dataset: d}]", [{ partner: "p", dataset: "d" }], []],
};

test("the environment stands over the file, every setting of it", async () => {
  expect(Object.keys(OVERRIDES).sort()).toEqual(Object.keys(settingsSchema.shape).sort());
  const entries = Object.entries(OVERRIDES);
  write(JSON.stringify(Object.fromEntries(entries.map(([name, [, , inFile]]) => [name, inFile]))));
  for (const [name, [text, value, inFile]] of entries) {
    const written = await loadSettings(folder, { HALFROOM_HOME: "elsewhere" });
    expect(written).toHaveProperty(name, inFile);
    const settings = await loadSettings(folder, { [`HALFROOM_${name.toUpperCase()}`]: text });
    expect(settings).toMatchObject({ [name]: value });
    expect({ ...settings, [name]: inFile }).toEqual(written);
  }
});

test("a variable whose name ends in _FILE names the file that holds a setting", async () => {
  const secret = join(folder.path, "secret");
  writeFileSync(secret, "redis://:pass@queue:6379\n");
  const fromFile = await loadSettings(folder, { HALFROOM_REDIS_FILE: secret, HALFROOM_SHARE: "/mnt/share" });
  expect(fromFile.redis).toBe("redis://:pass@queue:6379");
  writeFileSync(secret, "[{partner: p, dataset: d}]\n");
  expect(await loadSettings(folder, { HALFROOM_POLICIES_FILE: secret })).toMatchObject({
    policies: [{ partner: "p", dataset: "d" }],
  });
  await expect(
    loadSettings(folder, { HALFROOM_REDIS: "redis://queue", HALFROOM_REDIS_FILE: secret }),
  ).rejects.toThrow("HALFROOM_REDIS and HALFROOM_REDIS_FILE: set one of them.");
  await expect(loadSettings(folder, { HALFROOM_REDIS_FILE: join(folder.path, "none") })).rejects.toThrow(
    "HALFROOM_REDIS_FILE: the file that it names cannot be read (ENOENT).",
  );
});

describe("a fault names file and line, or the variable, and the field", () => {
  test.each([
    ["an unknown setting", "listen: 127.0.0.1:1\nlisten_port: 5\n", /config\.yaml, line 2: listen_port/],
    ["a bad address", "address: nowhere\n", /line 1: address/],
    [
      "a bad policy",
      "policies:\n  - partner: p\n    dataset: d\n    threshold: 5\n",
      /line 4: policies\.0\.threshold: .*11/,
    ],
    [
      "a bad dataset",
      "datasets:\n  d:\n    source: {csv: x}\n    match: {fax: {columns: a}}\n",
      /line 4: datasets\.d\.match\.fax/,
    ],
    ["text that is not YAML", "a: [\n", /config\.yaml, line \d: this is not valid YAML/],
    ["no settings", "- 1\n", /must hold settings/],
  ])("%s", async (_name, text, words) => {
    write(text);
    await expect(loadSettings(folder, {})).rejects.toThrow(words);
  });

  test("in the environment", async () => {
    await expect(loadSettings(folder, { HALFROOM_SESSIONS_MAX: "many" })).rejects.toThrow(
      /^HALFROOM_SESSIONS_MAX: /,
    );
    await expect(loadSettings(folder, { HALFROOM_LISTEN: "[" })).rejects.toThrow(
      /^HALFROOM_LISTEN: listen: give HOST:PORT/,
    );
    await expect(loadSettings(folder, { HALFROOM_POLICIES: "[" })).rejects.toThrow(
      /^HALFROOM_POLICIES: this is not a YAML value/,
    );
  });
});

test("a variable that nothing reads is refused, with the nearest that there is", async () => {
  const load = (...names: string[]) =>
    loadSettings(folder, Object.fromEntries(names.map((name) => [name, "1"])));
  await expect(load("HALFROOM_LISTN")).rejects.toMatchObject({ code: "settings" });
  await expect(load("HALFROOM_LISTN")).rejects.toThrow(
    "HALFROOM_LISTN: no variable has this name; the nearest is HALFROOM_LISTEN.",
  );
  await expect(load("HALFROOM_SESSION_MAX", "HALFROOM_HOM")).rejects.toThrow(
    /HALFROOM_HOM: .*HALFROOM_HOME\.\nHALFROOM_SESSION_MAX: .*HALFROOM_SESSIONS_MAX\.$/,
  );
  // Those that are no settings, those of a service in Kubernetes, and those that a dataset names.
  const kubernetes = [
    "SERVICE_HOST",
    "SERVICE_PORT_TLS",
    "PORT",
    "PORT_7443_TCP",
    "PORT_7443_TCP_ADDR",
    "NODE_SERVICE_PORT",
  ];
  await load(
    "HALFROOM_DEBUG",
    "HALFROOM_KERNEL",
    "HALFROOM_NATIVE",
    ...kubernetes.map((name) => `HALFROOM_${name}`),
  );
  await expect(load("HALFROOM_CRM")).rejects.toThrow("HALFROOM_CRM");
  const source = { postgres: { urlVariable: "HALFROOM_CRM", query: "select 1" } };
  await addDataset(folder, "crm", { ...DATASET, source });
  await load("HALFROOM_CRM");
});

describe("edits", () => {
  test("add datasets and keep comments", async () => {
    await addDataset(folder, "people", DATASET);
    await addDataset(folder, "more", { ...DATASET, population: "shops" });
    const text = readFileSync(folder.configFile, "utf8");
    expect(text).toContain("# Added by: halfroom dataset add");
    const { datasets } = await loadSettings(folder, {});
    expect(Object.keys(datasets)).toEqual(["people", "more"]);
    expect(datasets["more"]!.population).toBe("shops");
  });

  test.each([
    ["a name that is taken", "people", DATASET, /already/],
    ["a name with a blank", "two words", DATASET, /letters, digits/],
    ["a definition without a key", "other", { source: { csv: "x" }, match: {} }, /match/],
  ])("refuse %s and leave the file alone", async (_name, name, dataset, words) => {
    await addDataset(folder, "people", DATASET);
    const before = readFileSync(folder.configFile, "utf8");
    await expect(addDataset(folder, name, dataset)).rejects.toThrow(words);
    expect(readFileSync(folder.configFile, "utf8")).toBe(before);
  });

  test("add policies, and replace the one for the same partner and dataset", async () => {
    const file = join(folder.path, "policy.yaml");
    writeFileSync(file, "- {partner: a, dataset: d, threshold: 20}\n- {partner: b, dataset: d}\n");
    await addPolicies(folder, file, SUBJECTS);
    writeFileSync(file, "partner: a\ndataset: d\nthreshold: 30\n");
    await addPolicies(folder, file, SUBJECTS);
    const { policies } = await loadSettings(folder, {});
    expect(policies.map(({ partner, thresholdMin }) => [partner, thresholdMin])).toEqual([
      ["b", 100],
      ["a", 30],
    ]);
    writeFileSync(file, "partner: a\ndataset: d\nthreshold: 3\n");
    await expect(addPolicies(folder, file, SUBJECTS)).rejects.toThrow(/policy\.yaml, line 3/);
  });
});

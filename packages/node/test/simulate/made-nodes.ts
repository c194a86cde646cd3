// Two nodes that have met, made once for all runs: with keys that are always the same, so that a seed decides everything else.
import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import { Audit } from "../../src/audit/audit.ts";
import { loadIdentity } from "../../src/identity/identity.ts";
import { Partners } from "../../src/partners/partners.ts";
import { nodeFolder } from "../../src/store/folder.ts";
import { Store } from "../../src/store/store.ts";
import { writeSettings } from "./site.ts";

export const NAMES = ["advertiser", "publisher"] as const;
export type Name = (typeof NAMES)[number];

export const other = (name: Name): Name => (name === "advertiser" ? "publisher" : "advertiser");

export type MadeNodes = Readonly<Record<Name, MadeNode>>;

interface MadeNode {
  readonly folder: string;
  readonly fingerprint: string;
}

/** Exact reports that both policies allow in a period. */
export const EXACT_MAX = 4;
export const PERIOD_DAYS = 30;
const PKCS8_ED25519 = "302e020100300506032b657004220420";
const STARTED_AT = Date.UTC(2027, 0, 1);

const SETTINGS = {
  idle_seconds: 60,
  resume_seconds: 20,
  stage_seconds: 900,
  connect_seconds: 10,
  ask_seconds: 5,
  sessions_max: 2,
};
const POLICY = {
  threshold: 11,
  people: 10,
  exact: EXACT_MAX,
  epsilon: 30,
  budget: 10_000,
  lifetime_budget: 100_000,
  numbers: 1_000_000,
  period_days: PERIOD_DAYS,
  approval: "automatic",
  questions_per_hour: 1000,
  questions_per_day: 1000,
  statements_per_hour: 1000,
  statements_per_day: 1000,
};

/** `limits`: of both policies, where they are not those of reports one by one. */
export async function makeNodes(root: string, limits: object = {}): Promise<MadeNodes> {
  const policy = { ...POLICY, ...limits };
  const advertiser = await makeNode(join(root, "advertiser"), 1, {
    datasets: { purchases: dataset({ measures: { revenue: {} } }) },
    policies: [{ ...policy, partner: "publisher", dataset: "purchases", sum: ["revenue"] }],
  });
  const publisher = await makeNode(join(root, "publisher"), 2, {
    datasets: { exposures: dataset({ dimensions: { campaign: {} } }) },
    policies: [
      {
        ...policy,
        partner: "advertiser",
        dataset: "exposures",
        group_by: ["campaign"],
        approval: "by-hand",
      },
    ],
  });
  pin(advertiser.folder, "publisher", publisher);
  pin(publisher.folder, "advertiser", advertiser);
  return { advertiser, publisher };
}

type Made = MadeNode & { readonly signingKey: Uint8Array };

async function makeNode(path: string, number: number, settings: object): Promise<Made> {
  const folder = nodeFolder(path, {});
  mkdirSync(join(path, "keys"), { recursive: true, mode: 0o700 });
  writeSettings(path, { ...SETTINGS, ...settings });
  const der = Buffer.concat([Buffer.from(PKCS8_ED25519, "hex"), Buffer.alloc(32, number)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const commonName = createPublicKey(key).export({ format: "jwk" }).x!;
  const { private: tlsKey, cert } = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notAfterDate: new Date("2099-12-31T00:00:00Z"),
  });
  const write = (file: string, text: string) => writeFileSync(file, text, { mode: 0o600 });
  write(folder.tlsKeyFile, tlsKey);
  write(folder.certificateFile, `${cert}\n`);
  write(folder.signingKeyFile, key.export({ type: "pkcs8", format: "pem" }) as string);
  const { fingerprint, signingKey } = await loadIdentity(folder);
  const store = Store.open(path);
  new Audit(store).append("node-created", { fingerprint }, STARTED_AT);
  store.close();
  return { folder: path, fingerprint, signingKey };
}

function dataset(columns: object): object {
  return { source: { csv: "nobody-reads-it.csv" }, match: { email: { columns: "email" } }, ...columns };
}

function pin(folder: string, name: string, { fingerprint, signingKey }: Made): void {
  const store = Store.open(folder);
  new Partners(store).pin({ name, fingerprint, signingKey, address: `${name}:1`, pinnedAt: STARTED_AT });
  store.close();
}

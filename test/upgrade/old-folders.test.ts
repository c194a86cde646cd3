// Folders of 0.1.0 nodes (test/fixtures/nodes-0.1) are opened with today's code: everything in them is still there and
// unchanged, what was spent stays spent, and the two nodes continue together.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cellsOf } from "../e2e/nodes/pair.ts";
import { Site, type Running } from "../e2e/nodes/site.ts";

const ARCHIVE = fileURLToPath(new URL("../fixtures/nodes-0.1/nodes.tar.gz", import.meta.url));
const CLOCK = new URL("clock.mjs", import.meta.url).href;
const MINUTE_MS = 60_000;
const YEAR_MS = 366 * 86_400_000;
const SIDES = ["advertiser", "publisher"] as const;
type Side = (typeof SIDES)[number];

interface Old {
  readonly advertiser: Site;
  readonly publisher: Site;
  /** What a command printed then, by the name of the file in `said/`. */
  said(name: string): string;
}

/** Unpacks the folders; `ms` after they were made is the time in the processes of both sites. */
async function unpack(ms: number): Promise<Old> {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-old-"));
  execFileSync("tar", ["-xzf", ARCHIVE, "-C", folder]);
  const said = (name: string) => readFileSync(join(folder, "said", name), "utf8");
  const shift = Number(said("made-at")) + ms - Date.now();
  const [advertiser, publisher] = await Promise.all(
    SIDES.map(async (side) => {
      const site = await Site.in(join(folder, side));
      makePrivate(site.home);
      Object.assign(site.env, { NODE_OPTIONS: `--import=${CLOCK}`, HALFROOM_TEST_CLOCK_MS: String(shift) });
      return site;
    }),
  );
  return { advertiser: advertiser!, publisher: publisher!, said };
}

/** As the node made them, whatever umask they were unpacked with. */
function makePrivate(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makePrivate(path);
    else chmodSync(path, 0o600);
  }
}

let old: Old;
beforeAll(async () => {
  old = await unpack(MINUTE_MS);
});
afterAll(() => Promise.all(SIDES.map((side) => old[side].close())));

/** The plain join of the two files, without those who opted out: campaign to people and revenue. */
function plainJoin({ advertiser, publisher }: Old): Map<string, { people: number; amount: number }> {
  const rowsOf = (site: Site, file: string) =>
    readFileSync(join(site.folder, file), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.toLowerCase().split(","));
  const optedOut = new Set(rowsOf(advertiser, "opted-out.csv").map(([email]) => email));
  const campaigns = new Map(rowsOf(publisher, "exposures.csv").map(([email, campaign]) => [email, campaign]));
  const cells = new Map<string, { people: number; amount: number }>();
  for (const [email, amount] of rowsOf(advertiser, "purchases.csv")) {
    const campaign = campaigns.get(email);
    if (campaign === undefined || optedOut.has(email)) continue;
    const { people, amount: sum } = cells.get(campaign) ?? { people: 0, amount: 0 };
    cells.set(campaign, { people: people + 1, amount: sum + Number(amount!.replace(".", "")) });
  }
  return cells;
}

const sessionsOf = (json: string): string[] =>
  JSON.parse(json).map(({ session }: { session: string }) => session);

/** The three reports, told apart by what their documents say. */
function reportsOf(side: Side): { exact: string; noisy: string; overlap: string } {
  const reports = sessionsOf(old.said(`${side}-reports.json`));
  const that = (kind: string, exact: boolean) =>
    reports.find((session) => {
      const { kind: is, noise } = JSON.parse(old.said(`${side}-${session}.json`));
      return is === kind && (noise === null) === exact;
    })!;
  return { exact: that("sums", true), noisy: that("sums", false), overlap: that("overlap", false) };
}

describe.each(SIDES)("the %s's folder", (side) => {
  test.each(["partners", "sessions", "ledger", "reports"])(
    "`%s --json` gives all that it gave",
    async (list) => {
      const then: object[] = JSON.parse(old.said(`${side}-${list}.json`));
      const printed: object[] | { entries: object[] } = JSON.parse(await old[side].ok(list, "--json"));
      const now = Array.isArray(printed) ? printed : printed.entries;
      expect(then.length).toBeGreaterThan(0);
      expect(now).toHaveLength(then.length);
      expect(now).toMatchObject(then);
      // The form for people reads the same rows.
      expect(await old[side].ok(list)).toContain(side === "advertiser" ? "publisher" : "advertiser");
    },
  );

  test("each stored report is printed as it is, and its other forms say so", async () => {
    const reports = Object.values(reportsOf(side));
    expect(new Set(reports).size).toBe(3);
    const forms = [[], ["--csv"], ["--html"]];
    for (const [i, session] of reports.entries()) {
      const json = await old[side].ok("report", session.slice(0, 12), "--json");
      expect(JSON.parse(json)).toEqual(JSON.parse(old.said(`${side}-${session}.json`)));
      const { exitCode, stderr } = await old[side].run("report", session.slice(0, 12), ...forms[i]!);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--json prints it as it is")]);
    }
  });

  test("its exact report is the plain join of the two files", async () => {
    const cells = cellsOf(await old[side].ok("report", reportsOf(side).exact, "--json"));
    const join = plainJoin(old);
    const released = ["autumn", "spring", "summer"];
    expect(cells).toMatchObject(
      released.map((campaign) => {
        const { people, amount } = join.get(campaign)!;
        return { campaign, people, amount: amount / 100 };
      }),
    );
  });

  test("the log holds, from its first entry on, and every receipt is there", async () => {
    const then = old.said(`${side}-audit.jsonl`).trim().split("\n");
    const now = (await old[side].ok("audit", "--json")).trim().split("\n");
    expect(now.slice(0, then.length)).toEqual(then);
    expect(await old[side].ok("audit", "verify")).toContain(`intact: ${now.length} entries`);
    for (const session of Object.values(reportsOf(side))) {
      const receipt = await old[side].ok("audit", "receipt", session.slice(0, 12));
      expect(receipt).toContain(`Receipt of session ${session}`);
    }
  });
});

describe("the two nodes go on", () => {
  let serving: Running;
  beforeAll(async () => {
    const { advertiser, publisher } = old;
    serving = await publisher.serve();
    await advertiser.ok("partners", "move", "publisher", publisher.env["HALFROOM_LISTEN"]!);
  });
  afterAll(() => serving.kill());

  test("the same report over the same data has the same numbers, and is stored under today's protocol", async () => {
    // The protocol is part of a request, so that one of an earlier version is another one.
    const { advertiser } = old;
    const fresh = await advertiser.ok("run", "exact.yaml", "--json");
    const then = old.said(`advertiser-${reportsOf("advertiser").exact}.json`);
    expect(cellsOf(fresh)).toEqual(cellsOf(then));
    const before = await advertiser.ledger();
    const { stdout, stderr } = await advertiser.run("run", "exact.yaml", "--json");
    expect(stderr).toContain("no cost");
    expect(stdout).toBe(fresh);
    expect(await advertiser.ledger()).toEqual(before);
  });

  test("what was spent is spent: 3 of 4 are gone, so that 2 more are refused", async () => {
    const { advertiser } = old;
    const noisy = readFileSync(join(advertiser.folder, "noisy.yaml"), "utf8");
    advertiser.write("again.yaml", noisy.replace("[campaign]", "[age_band]"));
    const { exitCode, stderr } = await advertiser.run("run", "again.yaml");
    expect(stderr).toMatch(/budget/);
    expect(exitCode).toBe(4);
  });

  test("what is left can be spent; pseudonyms of another OPRF mode are made anew and match", async () => {
    const { advertiser } = old;
    const noisy = readFileSync(join(advertiser.folder, "noisy.yaml"), "utf8");
    advertiser.write(
      "less.yaml",
      noisy.replace("[campaign]", "[age_band]").replace("epsilon: 2", "epsilon: 1"),
    );
    const cells = cellsOf(await advertiser.ok("run", "less.yaml", "--json"));
    expect(cells).toMatchObject([{ age_band: "18-34" }, { age_band: "35+" }]);
    // Noise of epsilon 0.5 from each side: no run in a million is 100 off.
    for (const { people } of cells) expect(Math.abs((people as number) - 315)).toBeLessThan(100);
    const grants = (await advertiser.ok("audit", "--json"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === "evaluations-granted");
    // Enrolling the publisher's 1,040 people takes two steps of 1,024, a session with nobody new one: after the update all people
    // enrol once more, under a key of a new epoch.
    expect(grants.map(({ facts }) => facts.evaluations)).toEqual([2048, 1024, 2048, 1024]);
    expect(await advertiser.ok("audit", "--json")).toContain('"kind":"epoch-ended"');
  });

  test("what waited or was approved is still there; asked for under today's protocol, a person is asked again", async () => {
    const { advertiser, publisher } = old;
    const statesAt = async (site: Site) => (await site.sessions()).map(({ state }) => state);
    expect(await statesAt(publisher)).toEqual(expect.arrayContaining(["held", "approved", "refused"]));
    const [waiting] = (await publisher.sessions()).filter(({ state }) => state === "held");
    expect(await publisher.ok("sessions")).toContain(`halfroom approve ${waiting!.id}`);
    await publisher.ok("deny", waiting!.id, "--reason", "asked before the update");

    const running = advertiser.start(["run", "held.yaml", "--json"]);
    await running.seen((line) => line.includes("Waiting for a person"));
    const [held] = (await publisher.sessions()).filter(({ state }) => state === "held");
    expect(held!.id).not.toBe(waiting!.id);
    await publisher.ok("approve", held!.id);
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(0);
    expect(cellsOf(stdout)).toMatchObject([
      { age_band: "18-34", people: 315 },
      { age_band: "35+", people: 315 },
    ]);
  });

  test("both logs hold with what was added", async () => {
    for (const side of SIDES) expect(await old[side].ok("audit", "verify")).toMatch(/intact: \d+ entries/);
  });
});

test("a year later reports and keys have had their time, partners, ledger and log stay", async () => {
  const { advertiser, said } = await unpack(YEAR_MS);
  expect(JSON.parse(await advertiser.ok("reports", "--json"))).toEqual([]);
  const ledger = await advertiser.ok("ledger", "--json");
  expect(JSON.parse(ledger).entries).toMatchObject(JSON.parse(said("advertiser-ledger.json")));
  expect(JSON.parse(await advertiser.ok("partners", "--json"))).toMatchObject(
    JSON.parse(said("advertiser-partners.json")),
  );
  expect(await advertiser.ok("audit", "verify")).toMatch(/intact: \d+ entries/);
  expect(await advertiser.ok("audit", "--json")).toContain('"kind":"epoch-ended"');
});

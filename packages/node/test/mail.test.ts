// Mail through a real SMTP server.
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { expect, test } from "vitest";
import { ownCertificate } from "../../../test/database/servers.ts";
import { Deliverer, type Attempted } from "../src/events/deliver.ts";
import type { NodeState } from "../src/node-state.ts";
import { fail, listening, tellingNode } from "./told.ts";

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

/** A server that takes the account halfroom, with the password "secret word". */
async function postOffice(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const tried: string[] = [];
  const { certificate: cert, key } = await ownCertificate();
  const server = new SMTPServer({
    cert,
    key,
    authMethods: ["PLAIN", "LOGIN"],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      tried.push(password!);
      const isRight = username === "halfroom" && password === "secret word";
      done(isRight ? null : new Error("no such account: Anna"), isRight ? { user: username } : undefined);
    },
    onData(stream, { envelope }, done) {
      let text = "";
      stream.setEncoding("utf8");
      stream.on("data", (part: string) => (text += part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = envelope;
        mails.push({
          from: (mailFrom || { address: "" }).address,
          to: rcptTo.map(({ address }) => address),
          text,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  const port = await listening(server.server);
  return { mails, tried, port };
}

const settings = (server: string) => ({
  mail_server: server,
  mail_user: "halfroom",
  mail_password: "smtp.password",
  mail_from: "halfroom@example.com",
  mail_to: { people: { addresses: ["privacy@example.com", "ops@example.com"] } },
});
const PASSWORD = { "smtp.password": "secret word\n" };

async function look(node: NodeState): Promise<Attempted[]> {
  const attempts: Attempted[] = [];
  const deliverer = new Deliverer(node, (attempted) => attempts.push(attempted));
  deliverer.look();
  await deliverer.idle();
  return attempts;
}

test("a person is told in one sentence, with the remedy; what asks nobody is not mailed by default", async () => {
  const { mails, port } = await postOffice();
  const { node, clock } = await tellingNode(settings(`smtp://127.0.0.1:${port}`), PASSWORD);
  node.audit.append("released", { id: "abcd", partner: "advertiser", session: "0f" }, clock.now);
  node.audit.append("held", { id: "efgh", partner: "advertiser", reasons: "people" }, clock.now);
  expect(await look(node)).toMatchObject([{ outcome: "delivered" }]);
  const [{ from, to, text }] = mails as [Mail];
  expect({ from, to }).toEqual({
    from: "halfroom@example.com",
    to: ["privacy@example.com", "ops@example.com"],
  });
  const [event] = node.events.list().filter(({ type }) => type === "approval.asked");
  expect(text).toContain(`Message-ID: <${event!.id}@example.com>`);
  expect(text).toMatch(/^Subject: .*Halfroom.*advertiser/m);
  expect(text).toContain('A report with "advertiser" waits for a decision: efgh.');
  expect(text).toContain("Auto-Submitted: auto-generated");
  expect(text.replaceAll("=\r\n", "")).toContain("halfroom approve efgh");
  expect(text).not.toContain("text/html");
});

test("a mail that is tried again has the same id, and what the server says is not told", async () => {
  let full = true;
  const { mails, port } = await postOffice({
    onRcptTo(_address, _session, done) {
      done(full ? Object.assign(new Error("Anna's mailbox is full"), { responseCode: 452 }) : null);
    },
  });
  const { node, clock } = await tellingNode(settings(`smtp://127.0.0.1:${port}`), PASSWORD);
  fail(node);
  const [again] = await look(node);
  expect(again).toMatchObject({ outcome: "again", words: "it answers SMTP 452" });
  full = false;
  clock.now = again!.at;
  expect(await look(node)).toMatchObject([{ outcome: "delivered", attempts: 2 }]);
  expect(mails[0]!.text).toContain(`Message-ID: <${again!.event}@example.com>`);
});

test("a wrong password is told as such, without it", async () => {
  const { mails, port } = await postOffice();
  const { node } = await tellingNode(settings(`smtp://127.0.0.1:${port}`), { "smtp.password": "hunter2" });
  fail(node);
  const [attempt] = await look(node);
  expect(attempt!.words).toMatch(/^it does not take the account in `mail_user`/);
  expect(attempt!.words).not.toMatch(/hunter2|Anna/);
  expect(mails).toEqual([]);
});

test("another machine gets neither mail nor password without TLS", async () => {
  const { mails, tried, port } = await postOffice({ disabledCommands: ["STARTTLS"] });
  // Not loopback by its name, and this machine by its route.
  const { node } = await tellingNode(settings(`smtp://0.0.0.0:${port}`), PASSWORD);
  fail(node);
  expect(await look(node)).toMatchObject([{ outcome: "again", words: "it does not change to TLS" }]);
  expect({ mails, tried }).toEqual({ mails: [], tried: [] });
});

test("a server whose certificate nobody knows is not trusted", async () => {
  const { mails, tried, port } = await postOffice();
  const { node } = await tellingNode(settings(`smtp://0.0.0.0:${port}`), PASSWORD);
  fail(node);
  const [attempt] = await look(node);
  expect(attempt).toMatchObject({ outcome: "again" });
  expect(attempt!.words).toMatch(/certificate|TLS/);
  expect({ mails, tried }).toEqual({ mails: [], tried: [] });
});

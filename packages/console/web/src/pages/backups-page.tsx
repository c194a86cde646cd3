// What keeps this node from being lost: backups, heads of its log, and the key that opens what replays need.
import { useEffect, useState } from "preact/hooks";
import type { Job } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Button, Empty, Facts, Page, Panel } from "../parts/basics.tsx";
import { Form, TextArea, TextField } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { Table } from "../parts/table.tsx";
import { saveFile } from "../save-file.ts";
import { useAct, useLoaded } from "../use.ts";
import { useEvents } from "../use-events.ts";
import { bytes, grouped, name, number, sentence } from "../words/text.ts";

export function BackupsPage() {
  const { client, may } = useHouse();
  const listed = useLoaded(() => client.listBackups(), []);
  return (
    <Page
      title="Backups"
      lead="A backup is all that this node is, encrypted. It stays on the node's machine: carry it away from there, and keep what opens it elsewhere."
    >
      {may("startBackup") && <Make onMade={listed.reload} />}
      <Panel heading="In the node's folder">
        <Shown loaded={listed}>
          {({ folder, backups }) => (
            <div class="stack">
              <p>
                <code>{name(folder)}</code> on the node's machine
              </p>
              {backups.length === 0 ? (
                <Empty>There are none. Those that a command wrote elsewhere are not listed.</Empty>
              ) : (
                <Table
                  caption="Backups"
                  keyOf={(backup) => backup.name}
                  rows={backups.toSorted((a, b) => b.madeAt - a.madeAt)}
                  columns={[
                    { head: "File", cell: (backup) => `${name(backup.name)}.age` },
                    { head: "Size", isNumber: true, cell: (backup) => bytes(backup.bytes) },
                    { head: "Made", cell: ({ madeAt }) => <Moment at={madeAt} /> },
                  ]}
                />
              )}
            </div>
          )}
        </Shown>
      </Panel>
      <div class="pair">
        <Head />
        <RecoveryKey />
      </div>
    </Page>
  );
}

function Make({ onMade }: { readonly onMade: () => void }) {
  const { client, announce } = useHouse();
  const [recipients, setRecipients] = useState("");
  const [called, setCalled] = useState("");
  const [job, setJob] = useState<Job | undefined>(undefined);
  const act = useAct();
  const make = () => {
    const given = { recipients: recipients.split(/\s+/).filter(Boolean) };
    act.run(
      () =>
        client.startBackup(
          { ...given, ...(called.trim() !== "" && { name: called.trim() }) },
          { idempotencyKey: freshKey() },
        ),
      (begun) => {
        setJob(begun);
        setCalled("");
        announce("The backup is being made.");
      },
    );
  };
  return (
    <Panel heading="Make a backup">
      <Form class="stack" onSubmit={make}>
        <TextArea
          label="Public keys of age"
          hint="Whoever has the secret key of one of them can open the backup. age-keygen, on another machine, makes both; this machine cannot open it then."
          placeholder="age1…"
          rows={2}
          value={recipients}
          onValue={setRecipients}
          required
        />
        <TextField
          label="Name of the file"
          placeholder="made of the moment if empty"
          value={called}
          onValue={setCalled}
          maxLength={64}
        />
        <Problem error={act.error} />
        {job !== undefined && <Making key={job.id} job={job} onMade={onMade} />}
        <div>
          <Button kind="main" type="submit" isBusy={act.isBusy}>
            Make a backup
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

const STEPS: Readonly<Record<string, string>> = { copy: "Copying the store", encrypt: "Encrypting" };

/** How far a backup is, and how it ended. */
function Making({ job: begun, onMade }: { readonly job: Job; readonly onMade: () => void }) {
  const { announce } = useHouse();
  const { events, error } = useEvents(begun.id);
  const last = events.at(-1);
  const job = last?.type === "ended" ? last.job : begun;
  useEffect(() => {
    if (job.state === "running") return;
    announce(job.state === "done" ? "The backup is there." : "The backup has failed.");
    if (job.state === "done") onMade();
  }, [job.state]);
  if (job.backup !== undefined)
    return (
      <p class="notice">
        {name(job.backup.name)}.age is there: {bytes(job.backup.bytes)}, with the audit log up to entry{" "}
        {number(job.backup.entries)}. Without a secret key of those public ones nobody can read it.
      </p>
    );
  if (job.error !== undefined) return <p class="problem">{sentence(job.error.words)}</p>;
  const words = last?.type === "progress" ? (STEPS[last.name] ?? last.name) : "It begins";
  return (
    <div>
      <Problem error={error} />
      <p>{words}…</p>
      {last?.type === "progress" ? (
        <progress aria-label={words} value={last.done} max={last.total} />
      ) : (
        <progress aria-label={words} />
      )}
    </div>
  );
}

function Head() {
  const { client } = useHouse();
  const act = useAct();
  const save = () =>
    act.run(
      () => client.showAuditHead(),
      (line) => saveFile("heads.txt", line, "text/plain"),
    );
  return (
    <Panel heading="Head of the audit log">
      <div class="stack">
        <p>
          A restored node has forgotten what it spent after its backup, and counts all as spent. A head that
          was saved later, on another machine, can prove that nothing was.
        </p>
        <Problem error={act.error} />
        <div>
          <Button onClick={save} isBusy={act.isBusy}>
            Save the head
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function RecoveryKey() {
  const { client, may, announce } = useHouse();
  const loaded = useLoaded(() => client.showRecoveryKey(), []);
  const [typed, setTyped] = useState("");
  const act = useAct();
  const use = () =>
    act.run(
      () => client.useRecoveryKey({ publicKey: typed.trim() }, { idempotencyKey: freshKey() }),
      () => {
        setTyped("");
        announce("The recovery key is changed.");
        loaded.reload();
      },
    );
  return (
    <Panel heading="Recovery key">
      <div class="stack">
        <p>What a replay of a session needs is sealed to this key. The node has its public half alone.</p>
        <Shown loaded={loaded} lines={1}>
          {({ publicKey }) => (
            <Facts
              entries={[
                [
                  "Public half",
                  publicKey === null ? (
                    "none: no session can be replayed"
                  ) : (
                    <code class="fingerprint">{grouped(publicKey)}</code>
                  ),
                ],
              ]}
            />
          )}
        </Shown>
        {may("useRecoveryKey") && (
          <Form class="stack" onSubmit={use}>
            <TextField
              label="Public half of another key"
              hint={
                <>
                  <code>halfroom recovery make</code>, on a machine apart, makes a key and prints it.
                </>
              }
              value={typed}
              onValue={setTyped}
              required
              maxLength={64}
            />
            <Problem error={act.error} />
            <div>
              <Button type="submit" isBusy={act.isBusy}>
                Use this key
              </Button>
            </div>
          </Form>
        )}
      </div>
    </Panel>
  );
}

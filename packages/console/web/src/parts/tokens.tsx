// Tokens, by which programs use the HTTP API.
import type { Role } from "@halfroom/console/client";
import { useState } from "preact/hooks";
import type { Token } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { useAct, useLoaded } from "../use.ts";
import { ROLE_CHOICES } from "../words/roles.ts";
import { name, span } from "../words/text.ts";
import { Button, Empty, Panel, Tag } from "./basics.tsx";
import { Form, Select, TextField } from "./fields.tsx";
import { Shown } from "./loaded.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { Table } from "./table.tsx";

/** Of those that hold, which end soon. */
const SOON_MS = 14 * 86_400_000;

export function Tokens() {
  const { client, may, announce } = useHouse();
  const loaded = useLoaded(() => client.listTokens(), []);
  const act = useAct();
  const revoke = (token: string) =>
    act.run(
      () => client.revokeToken({ name: token }),
      () => {
        announce("The token is revoked.");
        loaded.reload();
      },
    );
  return (
    <>
      <Panel heading="Tokens" aside="for programs">
        <div class="stack">
          <Problem error={act.error} />
          <Shown loaded={loaded}>
            {(tokens) =>
              tokens.length === 0 ? (
                <Empty>None was made.</Empty>
              ) : (
                <Table
                  caption="Tokens"
                  keyOf={(token) => token.name}
                  rows={tokens.toSorted((a, b) => a.expiresAt - b.expiresAt)}
                  columns={[
                    { head: "Token", cell: (token) => name(token.name) },
                    { head: "Role", isMore: true, cell: ({ role }) => role },
                    {
                      head: "Ends",
                      cell: (token) => <End of={token} />,
                    },
                    {
                      head: "",
                      cell: (token) =>
                        may("revokeToken") &&
                        token.state === "valid" && (
                          <Button kind="danger" isBusy={act.isBusy} onClick={() => revoke(token.name)}>
                            Revoke<span class="sr"> {name(token.name)}</span>
                          </Button>
                        ),
                    },
                  ]}
                />
              )
            }
          </Shown>
        </div>
      </Panel>
      {may("createToken") && <CreateToken onMade={loaded.reload} />}
    </>
  );
}

function End({ of: { state, expiresAt } }: { readonly of: Token }) {
  const left = expiresAt - Date.now();
  if (state !== "valid") return <Tag>{state}</Tag>;
  return left < SOON_MS ? <Tag kind="warn">in {span(left)}</Tag> : <Moment at={expiresAt} />;
}

function CreateToken({ onMade }: { readonly onMade: () => void }) {
  const { client, announce } = useHouse();
  const [who, setWho] = useState("");
  const [role, setRole] = useState<Role>("analyst");
  const [days, setDays] = useState("90");
  const [made, setMade] = useState<{ name: string; token: string } | undefined>(undefined);
  const act = useAct();
  const create = () =>
    act.run(
      () =>
        client.createToken(
          { role, days: Number(days), ...(who.trim() !== "" && { name: who.trim() }) },
          { idempotencyKey: freshKey() },
        ),
      (token) => {
        setMade(token);
        setWho("");
        announce("The token is made.");
        onMade();
      },
    );
  return (
    <Panel heading="Make a token">
      <Form class="stack" onSubmit={create}>
        <div class="row">
          <TextField
            label="Name in the audit log"
            placeholder="made up if empty"
            value={who}
            onValue={setWho}
            maxLength={63}
          />
          <Select
            label="Role"
            value={role}
            onValue={(chosen) => setRole(chosen as Role)}
            choices={ROLE_CHOICES}
          />
          <TextField
            label="Holds for days"
            inputMode="decimal"
            value={days}
            onValue={setDays}
            required
            maxLength={5}
          />
        </div>
        <Problem error={act.error} />
        {made !== undefined && (
          <div class="notice">
            <p>The token {name(made.name)}. It is shown this once, and kept nowhere.</p>
            <code class="secret" tabIndex={0}>
              {made.token}
            </code>
          </div>
        )}
        <div>
          <Button kind="main" type="submit" isBusy={act.isBusy}>
            Make the token
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

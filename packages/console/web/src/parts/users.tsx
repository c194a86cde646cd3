// The users of this node, who sign in with a password, and a new one.
import type { Role } from "@halfroom/console/client";
import { useState } from "preact/hooks";
import type { User } from "../answers.ts";
import { useHouse } from "../house.ts";
import { link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { ROLE_CHOICES } from "../words/roles.ts";
import { name } from "../words/text.ts";
import { Button, Empty, Panel, Tag } from "./basics.tsx";
import { Check, Form, SecretField, Select, TextField } from "./fields.tsx";
import { Shown } from "./loaded.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { ShownCodes } from "./shown-codes.tsx";
import { Table } from "./table.tsx";

/** Of a password, whoever gives it. */
export const PASSWORD_HINT =
  "At least 12 characters, not the user's name. Whoever gets it can change it after signing in.";

export function SignsInWith({ user: { isLocked, hasCodes } }: { readonly user: User }) {
  if (isLocked) return <Tag kind="warn">locked until reset</Tag>;
  return <>{hasCodes ? "password and code" : "password"}</>;
}

export function Users() {
  const { client, may } = useHouse();
  const loaded = useLoaded(() => client.listUsers(), []);
  return (
    <>
      <Panel heading="Users" aside="sign in with a password of this node">
        <Shown loaded={loaded}>
          {(users) =>
            users.length === 0 ? (
              <Empty>There are none yet.</Empty>
            ) : (
              <Table
                caption="Users"
                keyOf={(user) => user.name}
                rows={users}
                columns={[
                  {
                    head: "User",
                    cell: (user) => <a href={link("access", user.name)}>{name(user.name)}</a>,
                  },
                  { head: "Role", cell: ({ role }) => role },
                  { head: "Signs in with", cell: (user) => <SignsInWith user={user} /> },
                  {
                    head: "Added",
                    isMore: true,
                    cell: ({ createdAt }) => <Moment at={createdAt} />,
                  },
                ]}
              />
            )
          }
        </Shown>
      </Panel>
      {may("addUser") && <AddUser onAdded={loaded.reload} />}
    </>
  );
}

function AddUser({ onAdded }: { readonly onAdded: () => void }) {
  const { client, announce } = useHouse();
  const [who, setWho] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [password, setPassword] = useState("");
  const [codes, setCodes] = useState(false);
  const [made, setMade] = useState<Awaited<ReturnType<typeof client.addUser>> | undefined>(undefined);
  const act = useAct();
  const add = () =>
    act.run(
      () => client.addUser({ name: who, role, password, codes }),
      (user) => {
        setMade(user);
        setWho("");
        setPassword("");
        setCodes(false);
        announce("The user is added.");
        onAdded();
      },
    );
  return (
    <Panel heading="Add a user">
      <Form class="stack" onSubmit={add}>
        <div class="row">
          <TextField label="Name" value={who} onValue={setWho} required maxLength={63} />
          <Select
            label="Role"
            value={role}
            onValue={(chosen) => setRole(chosen as Role)}
            choices={ROLE_CHOICES}
          />
        </div>
        <SecretField
          label="Password"
          hint={PASSWORD_HINT}
          value={password}
          onValue={setPassword}
          autocomplete="new-password"
          required
        />
        <Check label="Also asks for a one-time code of an app" isOn={codes} onChange={setCodes} />
        <Problem error={act.error} />
        {made?.codes !== undefined && <ShownCodes who={made.name} codes={made.codes} />}
        <div>
          <Button kind="main" type="submit" isBusy={act.isBusy}>
            Add the user
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

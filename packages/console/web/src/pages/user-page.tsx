// One user: role, password, where they are signed in, other ways in of theirs, and their removal.
import type { Role } from "@halfroom/console/client";
import { useState } from "preact/hooks";
import type { User } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Button, Empty, Facts, Page, Panel } from "../parts/basics.tsx";
import { Check, Form, SecretField, Select, WhosePassword } from "../parts/fields.tsx";
import { AddLink, Links } from "../parts/links.tsx";
import { RemoveForm } from "../parts/remove-form.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { ShownCodes } from "../parts/shown-codes.tsx";
import { SignIns } from "../parts/sign-ins.tsx";
import { PASSWORD_HINT, SignsInWith } from "../parts/users.tsx";
import { goTo, link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { ROLE_CHOICES } from "../words/roles.ts";
import { name } from "../words/text.ts";

export function UserPage({ user: who }: { readonly user: string }) {
  const { client, may } = useHouse();
  const loaded = useLoaded(async () => {
    const [users, signIns, links] = await Promise.all([
      client.listUsers(),
      client.listSignIns(),
      client.listLinks(),
    ]);
    return {
      user: users.find((user) => user.name === who),
      signIns: signIns.filter(({ way, subject }) => way === "password" && subject === who),
      links: links.filter(({ person }) => person === who),
    };
  }, [who]);
  return (
    <Page
      title={name(who)}
      lead="A user of this node."
      actions={
        <a class="button plain" href={link("access")}>
          All users
        </a>
      }
    >
      <Shown loaded={loaded} lines={8}>
        {({ user, signIns, links }) =>
          user === undefined ? (
            <Empty>There is no user of that name.</Empty>
          ) : (
            <>
              <Panel heading="Who it is">
                <Facts
                  entries={[
                    ["Role", user.role],
                    ["Signs in with", <SignsInWith user={user} />],
                    ["Added", <Moment at={user.createdAt} />],
                  ]}
                />
              </Panel>
              {may("changeUserRole") && (
                <div class="pair">
                  <ChangeRole user={user} onChange={loaded.reload} />
                  <Reset user={user} onChange={loaded.reload} />
                </div>
              )}
              <Panel heading="Signed in">
                <SignIns signIns={signIns} onEnded={loaded.reload} />
              </Panel>
              <Panel heading="Other ways in" aside="where two people decide, all of them are one person">
                <div class="stack">
                  <Links links={links} onChange={loaded.reload} />
                  {may("linkPerson") && <AddLink person={who} onLinked={loaded.reload} />}
                </div>
              </Panel>
              {may("removeUser") && <Remove user={user} />}
            </>
          )
        }
      </Shown>
    </Page>
  );
}

interface Given {
  readonly user: User;
  readonly onChange: () => void;
}

function ChangeRole({ user, onChange }: Given) {
  const { client, announce } = useHouse();
  const [role, setRole] = useState<Role>(user.role);
  const act = useAct();
  const change = () =>
    act.run(
      () => client.changeUserRole({ name: user.name, role }),
      () => {
        announce("The role is changed.");
        onChange();
      },
    );
  return (
    <Panel heading="Role">
      <Form class="stack" onSubmit={change}>
        <Select
          label="New role"
          hint="Whoever is signed in has to sign in again, and approvals that still wait are void."
          value={role}
          onValue={(chosen) => setRole(chosen as Role)}
          choices={ROLE_CHOICES}
        />
        <Problem error={act.error} />
        <div>
          <Button type="submit" isBusy={act.isBusy}>
            Change the role
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

function Reset({ user, onChange }: Given) {
  const { client, announce } = useHouse();
  const [password, setPassword] = useState("");
  const [codes, setCodes] = useState(false);
  const [made, setMade] = useState<Awaited<ReturnType<typeof client.resetUser>> | undefined>(undefined);
  const act = useAct();
  const reset = () =>
    act.run(
      () => client.resetUser({ name: user.name, password, codes }),
      (changed) => {
        setMade(changed);
        setPassword("");
        setCodes(false);
        announce("The password is changed.");
        onChange();
      },
    );
  return (
    <Panel heading="Password">
      <Form class="stack" onSubmit={reset}>
        <WhosePassword user={user.name} />
        <SecretField
          label="New password"
          hint={PASSWORD_HINT}
          value={password}
          onValue={setPassword}
          autocomplete="new-password"
          required
        />
        <Check
          label={user.hasCodes ? "New secret for one-time codes" : "From now on also a one-time code"}
          isOn={codes}
          onChange={setCodes}
        />
        <Problem error={act.error} />
        {made?.codes !== undefined && <ShownCodes who={made.name} codes={made.codes} />}
        <div>
          <Button type="submit" isBusy={act.isBusy}>
            Reset the password
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

function Remove({ user }: Pick<Given, "user">) {
  const { client, announce } = useHouse();
  const act = useAct();
  const remove = () =>
    act.run(
      () => client.removeUser({ name: user.name }),
      () => {
        announce("The user is removed.");
        goTo("access");
      },
    );
  return (
    <Panel heading="Remove">
      <Problem error={act.error} />
      <RemoveForm
        name={user.name}
        label="The user's name"
        hint="Nobody gets in under it any more, from the next request on."
        isBusy={act.isBusy}
        onRemove={remove}
      />
    </Panel>
  );
}

// Whoever uses the page: as whom, until when, and their password.
import { useState } from "preact/hooks";
import { useHouse } from "../house.ts";
import { Button, Facts, Page, Panel } from "../parts/basics.tsx";
import { Form, SecretField, TextField, WhosePassword } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { useAct, useLoaded } from "../use.ts";
import { name } from "../words/text.ts";

const BY = { token: "token", password: "password", openid: "company sign-in" } as const;

export function AccountPage() {
  const { client } = useHouse();
  const loaded = useLoaded(() => client.showMe(), []);
  return (
    <Page
      title="You"
      lead="As whom you use this console. What you do stands in the audit log under this name."
    >
      <Shown loaded={loaded}>
        {(me) => (
          <>
            <Panel heading="Signed in">
              <Facts
                entries={[
                  ["Name", name(me.name)],
                  ["Role", me.role],
                  ["By", BY[me.way ?? "token"]],
                  ["Until, at the latest", <Moment at={me.expires} />],
                ]}
              />
            </Panel>
            {me.way === "password" && <ChangePassword />}
          </>
        )}
      </Shown>
    </Page>
  );
}

function ChangePassword() {
  const { client, leave, who } = useHouse();
  const [password, setPassword] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [code, setCode] = useState("");
  const [isOther, setIsOther] = useState(false);
  const act = useAct();
  const change = () => {
    setIsOther(next !== again);
    if (next !== again) return;
    const given = { password, next, ...(code.trim() !== "" && { code: code.trim() }) };
    act.run(
      () => client.changePassword(given),
      () => leave("Your password is changed. Sign in with the new one."),
    );
  };
  return (
    <Panel heading="Change your password">
      <Form class="stack" onSubmit={change}>
        <WhosePassword user={who.name} />
        <SecretField
          label="Password"
          value={password}
          onValue={setPassword}
          autocomplete="current-password"
          required
        />
        <div class="row">
          <SecretField
            label="New password"
            value={next}
            onValue={setNext}
            autocomplete="new-password"
            required
          />
          <SecretField
            label="New password again"
            value={again}
            onValue={setAgain}
            autocomplete="new-password"
            required
          />
        </div>
        <TextField
          label="One-time code, if you are asked for one when you sign in"
          inputMode="numeric"
          autocomplete="one-time-code"
          value={code}
          onValue={setCode}
        />
        {isOther && (
          <p class="problem" role="alert">
            The two new passwords are not the same.
          </p>
        )}
        <Problem error={act.error} />
        <div>
          <Button kind="main" type="submit" isBusy={act.isBusy}>
            Change the password
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

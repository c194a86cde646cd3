// Which ways in belong to one person: where two people decide, they are one.
import { useState } from "preact/hooks";
import type { Link } from "../answers.ts";
import { useHouse } from "../house.ts";
import { useAct } from "../use.ts";
import { name } from "../words/text.ts";
import { Button, Empty } from "./basics.tsx";
import { Form, Select, TextField, type Choice } from "./fields.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { WAY_WORDS } from "./sign-ins.tsx";
import { Table } from "./table.tsx";

export function Links({
  links,
  onChange,
}: {
  readonly links: readonly Link[];
  readonly onChange: () => void;
}) {
  const { client, may, announce } = useHouse();
  const act = useAct();
  if (links.length === 0) return <Empty>None is linked.</Empty>;
  const unlink = ({ way, subject }: Link) =>
    act.run(
      () => client.unlinkPerson({ way, subject }),
      () => {
        announce("The link is removed.");
        onChange();
      },
    );
  return (
    <div class="stack">
      <Problem error={act.error} />
      <Table
        caption="Linked ways"
        keyOf={({ way, subject }) => `${way} ${subject}`}
        rows={links}
        columns={[
          { head: "Person", cell: ({ person }) => name(person) },
          {
            head: "Also by",
            cell: ({ way, subject }) => (
              <>
                <p>{WAY_WORDS[way]}</p>
                <p class="hint any">{name(subject)}</p>
              </>
            ),
          },
          {
            head: "Linked",
            isMore: true,
            cell: ({ linkedAt }) => <Moment at={linkedAt} />,
          },
          {
            head: "",
            cell: (each) =>
              may("unlinkPerson") && (
                <Button kind="danger" isBusy={act.isBusy} onClick={() => unlink(each)}>
                  Unlink<span class="sr"> {name(each.person)}</span>
                </Button>
              ),
          },
        ]}
      />
    </div>
  );
}

const WAYS: readonly Choice[] = [
  ["openid", "company sign-in, by issuer and subject"],
  ["account", "account of the system, by number"],
];

/** `person`: whose way it is to be, where that is known. */
export function AddLink({ person, onLinked }: { readonly person?: string; readonly onLinked: () => void }) {
  const { client, announce } = useHouse();
  const [who, setWho] = useState(person ?? "");
  const [way, setWay] = useState("openid");
  const [subject, setSubject] = useState("");
  const act = useAct();
  const add = () =>
    act.run(
      () => client.linkPerson({ person: who, way: way as Link["way"], subject: subject.trim() }),
      () => {
        setSubject("");
        announce("The way is linked.");
        onLinked();
      },
    );
  return (
    <Form class="stack" onSubmit={add}>
      <Problem error={act.error} />
      <div class="row">
        {person === undefined && (
          <TextField label="Person" value={who} onValue={setWho} required maxLength={63} />
        )}
        <Select label="Also acts by" value={way} onValue={setWay} choices={WAYS} />
        <TextField
          label={way === "openid" ? "Issuer and subject" : "Number of the account"}
          value={subject}
          onValue={setSubject}
          placeholder={way === "openid" ? "https://login.example.com 1234" : "1000"}
          required
        />
        <Button type="submit" isBusy={act.isBusy}>
          Link
        </Button>
      </div>
      <p class="hint">
        The list of who is signed in shows issuer and subject; <code>id -u NAME</code> prints the number of an
        account.
      </p>
    </Form>
  );
}

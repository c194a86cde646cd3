// Who is signed in, and ending that early.
import type { SignIn } from "../answers.ts";
import { useHouse } from "../house.ts";
import { useAct, type Loaded } from "../use.ts";
import { counted, name } from "../words/text.ts";
import { Button, Empty } from "./basics.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { Table } from "./table.tsx";

export const WAY_WORDS = {
  password: "password",
  openid: "company sign-in",
  account: "system account",
} as const;

export function SignIns({
  signIns,
  onEnded,
}: {
  readonly signIns: readonly SignIn[];
  readonly onEnded: Loaded<unknown>["reload"];
}) {
  const { client, may, announce } = useHouse();
  const act = useAct();
  if (signIns.length === 0) return <Empty>Nobody, with a browser.</Empty>;
  const end = ({ way, subject }: SignIn) =>
    act.run(
      () => client.endSignIns({ way, subject }),
      ({ ended }) => {
        announce(`${counted(ended, "sign-in")} ended.`);
        onEnded();
      },
    );
  return (
    <div class="stack">
      <Problem error={act.error} />
      <Table
        caption="Signed in"
        keyOf={({ way, subject, begunAt }) => `${way} ${subject} ${begunAt}`}
        rows={signIns}
        columns={[
          {
            head: "Name",
            cell: (each) => (
              <>
                <p class="any">{name(each.name)}</p>
                <p class="hint any">{each.way === "openid" ? name(each.subject) : WAY_WORDS[each.way]}</p>
              </>
            ),
          },
          { head: "Role", isMore: true, cell: ({ role }) => role },
          {
            head: "Since",
            isMore: true,
            cell: ({ begunAt }) => <Moment at={begunAt} />,
          },
          { head: "Seen", cell: ({ seenAt }) => <Moment at={seenAt} /> },
          {
            head: "",
            cell: (each) =>
              may("endSignIns") && (
                <Button kind="danger" isBusy={act.isBusy} onClick={() => end(each)}>
                  End<span class="sr"> all sign-ins of {name(each.name)}</span>
                </Button>
              ),
          },
        ]}
      />
    </div>
  );
}

// One report: as the node draws it, and in its other forms as files.
import { useHouse } from "../house.ts";
import { Activation } from "../parts/activation.tsx";
import { Button, Page } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Problem } from "../parts/problem.tsx";
import { ReportView } from "../parts/report-view.tsx";
import { link } from "../router.ts";
import { saveFile } from "../save-file.ts";
import { useAct, useLoaded } from "../use.ts";
import { kindWords } from "../words/reports.ts";
import { moment, name, short } from "../words/text.ts";

const FORMS = [
  { form: "html", words: "Page", ending: "html", type: "text/html" },
  { form: "csv", words: "CSV", ending: "csv", type: "text/csv" },
  { form: "csv-long", words: "CSV, long", ending: "long.csv", type: "text/csv" },
  { form: "json", words: "JSON", ending: "json", type: "application/json" },
] as const;

export function ReportPage({ id }: { readonly id: string }) {
  const { client, may } = useHouse();
  const record = useLoaded(() => client.listReports({ limit: 1000 }), [id]);
  const page = useLoaded(() => client.showReport({ id, form: "html" }), [id]);
  const act = useAct();
  const found = record.data?.find(({ session }) => session.startsWith(id));
  const save = ({ form, ending, type }: (typeof FORMS)[number]) =>
    act.run(
      () => client.showReport({ id, form }),
      (text) => saveFile(`report-${id.slice(0, 12)}.${ending}`, text, type),
    );
  return (
    <Page
      title={
        found === undefined
          ? "Report"
          : `${found.kind === undefined ? "Report" : kindWords({ report: found.kind, newPeople: found.newPeople })} with ${name(found.partner)}`
      }
      lead={found && `Made ${moment(found.createdAt)}, session ${short(found.session)}`}
      actions={
        <>
          {FORMS.map((form) => (
            <Button onClick={() => save(form)} isBusy={act.isBusy}>
              Save as {form.words}
            </Button>
          ))}
          {may("showReceipt") && (
            <a class="button" href={link("receipts", id)}>
              Receipt
            </a>
          )}
        </>
      }
    >
      <Problem error={act.error} />
      <Shown loaded={page} lines={16}>
        {(html) => <ReportView html={html} />}
      </Shown>
      {found?.kind === "index" && may("activateReport") && <Activation id={id} />}
    </Page>
  );
}

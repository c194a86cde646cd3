// Which page belongs to a place.
import { Empty, Page } from "../parts/basics.tsx";
import { link, type Place } from "../router.ts";
import { AccessPage } from "./access-page.tsx";
import { AccountPage } from "./account-page.tsx";
import { AuditPage } from "./audit-page.tsx";
import { BackupsPage } from "./backups-page.tsx";
import { ComparePage } from "./compare-page.tsx";
import { DatasetPage } from "./dataset-page.tsx";
import { DatasetsPage } from "./datasets-page.tsx";
import { EventsPage } from "./events-page.tsx";
import { HealthPage } from "./health-page.tsx";
import { NewReportPage } from "./new-report-page.tsx";
import { NewTemplatePage } from "./new-template-page.tsx";
import { OptOutsPage } from "./opt-outs-page.tsx";
import { PartnersPage } from "./partners-page.tsx";
import { PoliciesPage } from "./policies-page.tsx";
import { PolicyPage } from "./policy-page.tsx";
import { ReceiptPage } from "./receipt-page.tsx";
import { ReportPage } from "./report-page.tsx";
import { ReportsPage } from "./reports-page.tsx";
import { RunPage } from "./run-page.tsx";
import { RunsPage } from "./runs-page.tsx";
import { SeriesListPage } from "./series-list-page.tsx";
import { SeriesPage } from "./series-page.tsx";
import { SessionPage } from "./session-page.tsx";
import { TemplatePage } from "./template-page.tsx";
import { TemplatesPage } from "./templates-page.tsx";
import { UserPage } from "./user-page.tsx";
import { WaitingPage } from "./waiting-page.tsx";

export function PageOf({ place }: { readonly place: Place }) {
  const [first = "", second, third] = place;
  if (first === "") return <WaitingPage />;
  if (first === "sessions" && second !== undefined) return <SessionPage id={second} />;
  if (first === "reports") return second === undefined ? <ReportsPage /> : <ReportPage id={second} />;
  if (first === "compare" && second !== undefined && third !== undefined)
    return <ComparePage ids={[second, third]} />;
  if (first === "new") return <NewReportPage />;
  if (first === "runs") return second === undefined ? <RunsPage /> : <RunPage id={second} />;
  if (first === "series") return second === undefined ? <SeriesListPage /> : <SeriesPage id={second} />;
  if (first === "templates") {
    if (second === undefined) return <TemplatesPage />;
    return second === "new" ? <NewTemplatePage /> : <TemplatePage id={second} />;
  }
  if (first === "partners") return <PartnersPage />;
  if (first === "datasets") return second === undefined ? <DatasetsPage /> : <DatasetPage dataset={second} />;
  if (first === "policies") {
    if (second === undefined) return <PoliciesPage />;
    return third === undefined ? <PolicyPage /> : <PolicyPage partner={second} dataset={third} />;
  }
  if (first === "audit") return <AuditPage />;
  if (first === "receipts" && second !== undefined) return <ReceiptPage id={second} />;
  if (first === "opt-outs") return <OptOutsPage />;
  if (first === "access") return second === undefined ? <AccessPage /> : <UserPage user={second} />;
  if (first === "account") return <AccountPage />;
  if (first === "backups") return <BackupsPage />;
  if (first === "events") return <EventsPage />;
  if (first === "health") return <HealthPage />;
  return (
    <Page title="There is no such page">
      <Empty>
        The address may be from another version of the console. <a href={link()}>See what waits</a>.
      </Empty>
    </Page>
  );
}

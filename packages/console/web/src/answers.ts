// Names for what the API answers, as its declarations have it.
import type { Answered, ROUTES } from "@halfroom/console/client";

export type RouteName = keyof typeof ROUTES;
type Answer<Name extends RouteName> = Answered<(typeof ROUTES)[Name]>;

export type Session = Answer<"listSessions">[number];
export type Compared = NonNullable<Answer<"showSession">["compared"]>;
export type PolicyChanges = Answer<"showSession">["policyChanges"];
export type Ledger = Answer<"showLedger">;
export type Budget = Ledger["budgets"][number];
export type Policy = Answer<"listPolicies">[number];
export type Dataset = Answer<"listDatasets">[number];
export type Findings = Answer<"checkDataset">;
export type Partner = Answer<"listPartners">[number];
export type Preview = Answer<"previewRequest">;
export type Job = Answer<"showJob">;
export type Me = Pick<Answer<"showMe">, "name" | "role" | "company">;
export type Ways = Answer<"showSignInWays">;
export type Ending = Answer<"listEndings">[number];
export type Token = Answer<"listTokens">[number];
export type User = Answer<"listUsers">[number];
export type SignIn = Answer<"listSignIns">[number];
export type Link = Answer<"listLinks">[number];
export type Subject = Answer<"readSubject">;
export type OptOutsRead = Pick<Subject, "found" | "unread">;
export type Series = Answer<"listSeries">[number];
export type SeriesContent = Answer<"showSeries">;
export type ReportRecord = Answer<"listReports">[number];
export type EventRecord = Answer<"listEvents">[number];
export type Target = Answer<"listTargets">[number];
export type Template = Answer<"listTemplates">[number];
export type TemplateContent = Answer<"showTemplate">;
export type TemplateParameter = Template["parameters"][number];
export type TemplateDraft = Answer<"checkTemplate">;

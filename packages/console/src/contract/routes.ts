// All endpoints, by the names that the client gives them.
import { backupRoutes } from "./backups.ts";
import { datasetRoutes } from "./datasets.ts";
import { eventRoutes } from "./events.ts";
import { peopleRoutes } from "./people.ts";
import { partnerRoutes } from "./partners.ts";
import { recordRoutes } from "./records.ts";
import { reportRoutes } from "./reports.ts";
import { runRoutes } from "./runs.ts";
import { seriesRoutes } from "./series.ts";
import { sessionRoutes } from "./sessions.ts";
import { siteRoutes } from "./site.ts";
import { templateRoutes } from "./templates.ts";
import { wayRoutes } from "./ways.ts";

export const ROUTES = {
  ...sessionRoutes,
  ...reportRoutes,
  ...runRoutes,
  ...seriesRoutes,
  ...templateRoutes,
  ...partnerRoutes,
  ...datasetRoutes,
  ...recordRoutes,
  ...siteRoutes,
  ...backupRoutes,
  ...eventRoutes,
  ...peopleRoutes,
  ...wayRoutes,
};
export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;

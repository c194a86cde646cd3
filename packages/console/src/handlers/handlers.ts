import { backupHandlers } from "./backups.ts";
import { eventHandlers } from "./events.ts";
import type { Handlers } from "./hands.ts";
import { partnerHandlers } from "./partners.ts";
import { peopleHandlers } from "./people.ts";
import { runHandlers } from "./runs.ts";
import { seriesHandlers } from "./series.ts";
import { sessionHandlers } from "./sessions.ts";
import { siteHandlers } from "./site.ts";
import { templateHandlers } from "./templates.ts";

export const HANDLERS: Handlers = {
  ...sessionHandlers,
  ...runHandlers,
  ...seriesHandlers,
  ...templateHandlers,
  ...partnerHandlers,
  ...siteHandlers,
  ...backupHandlers,
  ...eventHandlers,
  ...peopleHandlers,
};
